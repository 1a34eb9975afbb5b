//! Names of servers become addresses: SRV records where the configuration names no port, else plain addresses (RFC 3263).
//!
//! In:  the configured servers. Out: addresses in the order in which to try them, of the family that the box listens in.
//! Runs at lined's start, and in the task that registers, before each REGISTER. Asks the machine's name servers. What they say
//! decides where the box registers; who it is there, TLS has to show.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;

use super::servers::Ranked;
use crate::config::telephone::{Server, Transport};

/// How long the names of one server may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// More addresses than this of one server are left out: a round over all of them would take minutes.
const MOST: usize = 8;

/// One place of an SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    priority: u16,
    weight: u16,
    host: String,
    port: u16,
}

/// Who is asked for SRV records; made for each round, so that a name server that the machine was given later is asked.
type Records = Box<dyn Fn() -> Option<TokioResolver> + Send + Sync>;

/// The way from names to addresses.
pub(super) struct Names {
    transport: Transport,
    records: Option<Records>,
    is_v4: bool,
}

impl Names {
    /// `listen` is the box's own address: only addresses of its family can be reached from there. SRV records are asked for
    /// with `records` alone.
    pub(super) fn new(transport: Transport, listen: IpAddr, records: bool) -> Self {
        let ask: Records = Box::new(|| TokioResolver::builder_tokio().ok()?.build().ok());
        Self { transport, records: records.then_some(ask), is_v4: listen.is_ipv4() }
    }

    /// The addresses of all servers, best first. A name that is not known has none.
    pub(super) async fn all(&self, servers: &[Server]) -> Vec<Ranked> {
        let mut all: Vec<Ranked> = Vec::new();
        for server in servers {
            let found = tokio::time::timeout(PATIENCE, self.of(server)).await.unwrap_or_default();
            let first = all.iter().map(|one| one.rank + 1).max().unwrap_or(0);
            for (rank, address) in found.into_iter().take(MOST) {
                if address.is_ipv4() == self.is_v4 && all.iter().all(|one| one.address != address) {
                    all.push(Ranked { rank: first + rank, address });
                }
            }
        }
        all
    }

    /// The same where nothing asynchronous runs yet.
    pub(super) fn now(transport: Transport, listen: IpAddr, records: bool, servers: &[Server]) -> Vec<Ranked> {
        // In a thread of its own: the caller may itself be within a runtime, which must not wait for another.
        std::thread::scope(|threads| {
            let asked = threads.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                Some(runtime.block_on(async { Self::new(transport, listen, records).all(servers).await }))
            });
            asked.join().ok().flatten().unwrap_or_default()
        })
    }

    async fn of(&self, server: &Server) -> Vec<(usize, SocketAddr)> {
        let usual = if self.transport == Transport::Tls { 5_061 } else { 5_060 };
        let plain = server.port.is_some() || server.host.parse::<IpAddr>().is_ok();
        let places = match self.records.as_ref().filter(|_| !plain).and_then(|records| records()) {
            Some(resolver) => self.places(&resolver, &server.host).await,
            None => Vec::new(),
        };
        if places.is_empty() {
            return addresses(&server.host, server.port.unwrap_or(usual)).await.map(|address| (0, address)).collect();
        }
        let (mut found, mut rank, mut before) = (Vec::new(), 0, None);
        for place in in_order(places) {
            if before.is_some_and(|before| before != place.priority) {
                rank += 1;
            }
            before = Some(place.priority);
            found.extend(addresses(&place.host, place.port).await.map(|address| (rank, address)));
        }
        found
    }

    async fn places(&self, resolver: &TokioResolver, host: &str) -> Vec<Place> {
        // RFC 3263 section 4.1; the transport is the configuration's word, so that NAPTR has nothing to choose.
        let service = match self.transport {
            Transport::Udp => "_sip._udp",
            Transport::Tcp => "_sip._tcp",
            Transport::Tls => "_sips._tcp",
        };
        // The last dot: no search list of this machine is tried.
        let Ok(answer) = resolver.srv_lookup(format!("{service}.{host}.")).await else { return Vec::new() };
        let records = answer.answers().iter().filter_map(|record| {
            let RData::SRV(srv) = &record.data else { return None };
            let host = srv.target.to_string().trim_end_matches('.').to_owned();
            Some(Place { priority: srv.priority, weight: srv.weight, host, port: srv.port })
        });
        records.collect()
    }
}

/// Best priority first, then the greater weight. Weights are not drawn (RFC 2782 has clients share the load by chance): a box
/// is one client, and one that stays with one server is easier to follow.
fn in_order(mut places: Vec<Place>) -> Vec<Place> {
    // The root as a target says that there is no such service; port 0 is none.
    places.retain(|place| place.port != 0 && !place.host.is_empty());
    places.sort_by_key(|place| (place.priority, std::cmp::Reverse(place.weight)));
    places.truncate(MOST);
    places
}

/// The addresses of a host as the machine's resolver has them, its own hosts file too.
async fn addresses(host: &str, port: u16) -> impl Iterator<Item = SocketAddr> {
    let found: Option<Vec<_>> = tokio::net::lookup_host((host, port)).await.ok().map(Iterator::collect);
    found.unwrap_or_default().into_iter()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_resolver::config::{NameServerConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn server(host: &str, port: Option<u16>) -> Server {
        Server { host: host.to_owned(), port }
    }

    fn place(priority: u16, weight: u16, host: &str, port: u16) -> Place {
        Place { priority, weight, host: host.to_owned(), port }
    }

    #[test]
    fn addresses_need_no_name_server_and_only_our_own_family_counts() {
        let servers = [server("192.0.2.1", None), server("2001:db8::1", None), server("192.0.2.2", Some(5_070))];
        let found = Names::now(Transport::Tls, HOME, true, &servers);
        let found: Vec<_> = found.iter().map(|one| (one.rank, one.address.to_string())).collect();
        assert_eq!(found, [(0, "192.0.2.1:5061".to_owned()), (1, "192.0.2.2:5070".to_owned())]);
    }

    #[test]
    fn the_best_priority_comes_first_then_the_greater_weight_and_no_service_is_none() {
        let all = vec![place(20, 9, "c", 1), place(10, 1, "b", 1), place(10, 5, "a", 1), place(0, 0, "", 5_060)];
        let hosts: Vec<_> = in_order(all).into_iter().map(|place| place.host).collect();
        assert_eq!(hosts, ["a", "b", "c"]);
    }

    /// An answer with two SRV records, to whatever is asked (RFC 1035 section 4.1, RFC 2782).
    fn answer(query: &[u8]) -> Vec<u8> {
        let end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
        let mut answer = query[..2].to_vec();
        answer.extend([0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]);
        answer.extend(&query[12..end]);
        for (priority, port, host) in [(20_u16, 5_072_u16, "127.0.0.3"), (10, 5_071, "127.0.0.2")] {
            let labels: Vec<u8> = host
                .split('.')
                .flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat())
                .chain([0])
                .collect();
            answer.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, u8::try_from(6 + labels.len()).unwrap()]);
            answer.extend([priority.to_be_bytes(), 1_u16.to_be_bytes(), port.to_be_bytes()].concat());
            answer.extend(labels);
        }
        answer
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a name server of this test, on loopback")]
    async fn records_lead_to_servers_and_their_ports() {
        let socket = tokio::net::UdpSocket::bind((HOME, 0)).await.unwrap();
        let mut upstream = NameServerConfig::udp(HOME);
        upstream.connections[0].port = socket.local_addr().unwrap().port();
        let mut config = ResolverConfig::default();
        config.add_name_server(upstream);
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().unwrap();
        let names =
            Names { records: Some(Box::new(move || Some(resolver.clone()))), transport: Transport::Udp, is_v4: true };
        let serve = async {
            let mut query = [0; 512];
            loop {
                let (length, from) = socket.recv_from(&mut query).await.unwrap();
                assert!(query[..length].windows(10).any(|part| part == b"\x04_sip\x04_udp"), "{:?}", &query[..length]);
                socket.send_to(&answer(&query[..length]), from).await.unwrap();
            }
        };
        let all = [server("clinic.test", None)];
        let found = tokio::select! { () = serve => unreachable!(), found = names.all(&all) => found };
        let found: Vec<_> = found.iter().map(|one| (one.rank, one.address.to_string())).collect();
        assert_eq!(found, [(0, "127.0.0.2:5071".to_owned()), (1, "127.0.0.3:5072".to_owned())]);
    }
}
