//! Where requests may go: one URL of the configuration in, its parts out.
//!
//! A URL is read strictly rather than generously: whatever two programs could read in two ways is refused.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::resolve::Reach;

/// One place that may be asked: scheme, host, port and the path that every request's path is appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    secure: bool,
    host: Host,
    port: u16,
    /// Empty, or begins with `/` and does not end with it.
    base: String,
    lan: bool,
}

/// A host as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// A DNS name in small letters.
    Name(String),
    /// An address; only of a `lan` endpoint.
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Why a URL is no endpoint. Each text says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It does not begin with a scheme that is spoken here.
    #[error("begin with https:// (or, for a lan endpoint, http://), in small letters")]
    Scheme,
    /// A cloud endpoint without encryption.
    #[error("a cloud endpoint begins with https://; http:// is for a lan endpoint only")]
    PlainCloud,
    /// It holds a space, a backslash, a percent sign, a control character or a letter outside ASCII.
    #[error("use letters, digits and the usual signs of a URL; write an international name in its xn-- form")]
    Character,
    /// It holds a name or password.
    #[error("leave out everything up to the @; the key has a setting of its own")]
    UserInfo,
    /// It holds a query or a fragment.
    #[error("end before the ? or #; an endpoint has a path only")]
    Query,
    /// The host is missing, or no name and no address.
    #[error("write the host as a name such as api.example.com, without a dot at its end")]
    Host,
    /// A cloud endpoint's host is an address.
    #[error("write a cloud endpoint's host by name; an address is for a lan endpoint only")]
    CloudAddress,
    /// A cloud endpoint's host is a single word.
    #[error("write a cloud endpoint's host in full, such as api.example.com")]
    CloudShort,
    /// A `lan` endpoint's address is not of the local network.
    #[error("write a loopback or private address (127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7)")]
    LanAddress,
    /// The port is no number from 1 to 65535.
    #[error("write the port as a number from 1 to 65535, or leave it and its colon out")]
    Port,
    /// The path holds an empty segment, `.` or `..`.
    #[error("write a plain path such as /v1, without // or .. in it")]
    Path,
}

impl Endpoint {
    /// Reads a URL such as `https://api.example.com/v1`. `lan` says that it stands in the clinic's own network.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(url: &str, lan: bool) -> Result<Self, EndpointError> {
        let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) if lan => (false, rest),
            (None, Some(_)) => return Err(EndpointError::PlainCloud),
            (None, None) => return Err(EndpointError::Scheme),
        };
        if !rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'%')) {
            return Err(EndpointError::Character);
        }
        if rest.contains(['?', '#']) {
            return Err(EndpointError::Query);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        let (host, port) = host_and_port(authority)?;
        let port = port.map_or(Ok(if secure { 443 } else { 80 }), read_port)?;
        match &host {
            Host::Address(_) if !lan => return Err(EndpointError::CloudAddress),
            Host::Address(address) if Reach::of(*address) != Reach::Local => return Err(EndpointError::LanAddress),
            Host::Name(name) if !lan && !name.contains('.') => return Err(EndpointError::CloudShort),
            Host::Address(_) | Host::Name(_) => {}
        }
        let base = path.strip_suffix('/').unwrap_or(path);
        if !is_plain(base) {
            return Err(EndpointError::Path);
        }
        Ok(Self { secure, host, port, base: base.to_owned(), lan })
    }

    /// The host: a name, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> String {
        self.host.to_string()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is spoken to through TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it stands in the clinic's own network.
    #[must_use]
    pub fn is_lan(&self) -> bool {
        self.lan
    }

    pub(super) fn named(&self) -> &Host {
        &self.host
    }

    /// The `Host` header: with the port where it is not the scheme's own.
    ///
    /// Source: RFC 9110 section 7.2.
    pub(super) fn authority(&self) -> String {
        let host = match &self.host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Host::Address(IpAddr::V4(_)) | Host::Name(_) => self.host(),
        };
        match (self.secure, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// The request's target for `path`, which may have a query; `None` where it could be read as another place.
    pub(super) fn target(&self, path: &str) -> Option<String> {
        let graphic = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'#'));
        let (segments, _) = path.split_once('?').unwrap_or((path, ""));
        let allowed = graphic && segments.starts_with('/') && !segments.contains('%') && is_plain(segments);
        allowed.then(|| format!("{}{path}", self.base))
    }
}

impl Endpoint {
    /// The request's target for a path that was signed with the endpoint's own path in it, and may have a query; `None`
    /// where it could be read as another place. S3 signs `=` as `%3D`; no other sign of a path may be written so. The
    /// path of a bucket itself ends with a slash.
    pub(super) fn signed_target(&self, path: &str) -> Option<String> {
        let graphic = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'#'));
        let (segments, _) = path.split_once('?').unwrap_or((path, ""));
        let below = segments.strip_prefix(&self.base)?.replace("%3D", "=");
        let plain = below == "/" || is_plain(below.strip_suffix('/').unwrap_or(&below));
        (graphic && below.starts_with('/') && !below.contains('%') && plain).then(|| path.to_owned())
    }
}

/// Whether a path is empty, or begins with a slash and has no segment that a server would fold away.
fn is_plain(path: &str) -> bool {
    let Some(segments) = path.strip_prefix('/') else { return path.is_empty() };
    segments.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

fn host_and_port(authority: &str) -> Result<(Host, Option<&str>), EndpointError> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, after) = bracketed.split_once(']').ok_or(EndpointError::Host)?;
        let address: Ipv6Addr = address.parse().map_err(|_| EndpointError::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((Host::Address(address.into()), Some(port))),
            None if after.is_empty() => Ok((Host::Address(address.into()), None)),
            None => Err(EndpointError::Port),
        };
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    Ok((read_host(host)?, port))
}

fn read_host(host: &str) -> Result<Host, EndpointError> {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let name = host.to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label that begins with a digit is how the system's own resolver writes addresses too (127.1, 0x7f000001).
    let numeric = name.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
    if name.len() > 253 || numeric || !name.split('.').all(is_label) {
        return Err(EndpointError::Host);
    }
    Ok(Host::Name(name))
}

fn read_port(port: &str) -> Result<u16, EndpointError> {
    let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    port.parse().ok().filter(|&port| digits && port > 0).ok_or(EndpointError::Port)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cloud_url_is_read_into_its_parts() {
        let endpoint = Endpoint::parse("https://API.Example.com/openai/v1/", false).unwrap();
        assert_eq!((endpoint.host().as_str(), endpoint.port()), ("api.example.com", 443));
        assert!(endpoint.is_secure() && !endpoint.is_lan());
        assert_eq!(endpoint.authority(), "api.example.com");
        assert_eq!(endpoint.target("/chat?alt=sse").unwrap(), "/openai/v1/chat?alt=sse");
        assert_eq!(Endpoint::parse("https://a.example:8443", false).unwrap().authority(), "a.example:8443");
    }

    #[test]
    fn a_lan_endpoint_may_be_plain_and_an_address() {
        for (url, authority) in [
            ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
            ("http://ollama", "ollama"),
            ("http://[fd12::7]:8080", "[fd12::7]:8080"),
            ("https://192.168.1.9", "192.168.1.9"),
        ] {
            assert_eq!(Endpoint::parse(url, true).unwrap().authority(), authority);
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_what_to_write() {
        for (url, lan, error) in [
            ("", false, EndpointError::Scheme),
            ("api.example.com", false, EndpointError::Scheme),
            ("HTTPS://api.example.com", false, EndpointError::Scheme),
            ("ftp://api.example.com", true, EndpointError::Scheme),
            (" https://api.example.com", false, EndpointError::Scheme),
            ("http://api.example.com", false, EndpointError::PlainCloud),
            ("https://api.example.com ", false, EndpointError::Character),
            ("https://api.example.com\n", false, EndpointError::Character),
            ("https://ap\u{456}.example.com", false, EndpointError::Character),
            ("https://a.example\\@b.example", false, EndpointError::Character),
            ("https://a.example/%2e%2e/", false, EndpointError::Character),
            ("https://user:key@api.example.com", false, EndpointError::UserInfo),
            ("https://api.example.com?key=1", false, EndpointError::Query),
            ("https://api.example.com/v1#x", false, EndpointError::Query),
            ("https://", false, EndpointError::Host),
            ("https://:443", false, EndpointError::Host),
            ("https://api.example.com.", false, EndpointError::Host),
            ("https://api..example.com", false, EndpointError::Host),
            ("https://-api.example.com", false, EndpointError::Host),
            ("https://2130706433", false, EndpointError::Host),
            ("http://127.1", true, EndpointError::Host),
            ("http://0x7f000001", true, EndpointError::Host),
            ("http://[::1", true, EndpointError::Host),
            ("http://[fe80::1%eth0]", true, EndpointError::Character),
            ("https://8.8.8.8", false, EndpointError::CloudAddress),
            ("https://[2606:4700::1]", false, EndpointError::CloudAddress),
            ("https://localhost", false, EndpointError::CloudShort),
            ("http://8.8.8.8", true, EndpointError::LanAddress),
            ("http://169.254.169.254", true, EndpointError::LanAddress),
            ("http://[::ffff:169.254.169.254]", true, EndpointError::LanAddress),
            ("https://api.example.com:", false, EndpointError::Port),
            ("https://api.example.com:0", false, EndpointError::Port),
            ("https://api.example.com:+443", false, EndpointError::Port),
            ("https://api.example.com:65536", false, EndpointError::Port),
            ("https://api.example.com:443:443", false, EndpointError::Port),
            ("http://[::1]8080", true, EndpointError::Port),
            ("https://api.example.com/../v1", false, EndpointError::Path),
            ("https://api.example.com//v1", false, EndpointError::Path),
        ] {
            assert_eq!(Endpoint::parse(url, lan), Err(error), "{url}");
        }
    }

    #[test]
    fn a_path_that_could_lead_elsewhere_is_no_target() {
        let endpoint = Endpoint::parse("https://api.example.com/v1", false).unwrap();
        for path in ["", "chat", "//b.example", "/../admin", "/a b", "/a\r\nX: y", "/a#b", "/%2e%2e/admin", "?a=1"] {
            assert_eq!(endpoint.target(path), None, "{path}");
        }
    }

    #[test]
    fn a_signed_path_has_equals_signs_but_leads_nowhere_else() {
        let endpoint = Endpoint::parse("http://127.0.0.1:9000/s3", true).unwrap();
        for path in ["/s3/bucket/", "/s3/bucket/?prefix=a%2F", "/s3/bucket/v1/box_id%3Da/1-2.parquet?X-Amz-Date=1"] {
            assert_eq!(endpoint.signed_target(path).as_deref(), Some(path));
        }
        for path in ["/bucket/", "/s3", "/s3x", "/s3/../a", "/s3/%2e%2e/a", "/s3//a", "/s3/a b", "/s3/a#b", "/s3/a%2Fb"]
        {
            assert_eq!(endpoint.signed_target(path), None, "{path}");
        }
        assert!(Endpoint::parse("https://b.example.com", false).unwrap().signed_target("/?list-type=2").is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_an_endpoint_or_refused_without_panic(text in "\\PC{0,60}", lan in any::<bool>()) {
            let _ = Endpoint::parse(&text, lan);
            let _ = Endpoint::parse(&format!("https://{text}"), lan);
        }

        #[test]
        fn the_parts_of_an_endpoint_make_the_same_endpoint(
            url in "https://[a-z]{1,9}\\.[a-z]{2,5}(:[1-9][0-9]{0,3})?(/[a-z0-9]{1,5}){0,3}/?",
        ) {
            let read = Endpoint::parse(&url, false).unwrap();
            let again = format!("https://{}{}", read.authority(), read.base);
            prop_assert_eq!(Endpoint::parse(&again, false).unwrap(), read);
        }
    }
}
