//! The way to the SIP stack: the only file that names it, so that another can take its place.
//!
//! In:  requests of the site's telephone system. Out: an [`Invitation`] for each call that rings, and for each call a
//! [`Leg`], which is told what happens ([`Told`]) and does what is asked.
//! The stack answers what needs no decision: retransmissions, CANCEL, the ACK of a 2xx, digest challenges. It logs whole
//! messages, and our subscriber lets none of its lines through. Runs in lined.

mod question;
mod reach;
mod registrar;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub(super) use question::{Heard, Question, Unheard};
use reach::Reach;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::dialog::{Dialog, DialogState, DialogStateReceiver};
use rsipstack::dialog::dialog::{TerminatedReason, TransactionHandle};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::{HasHeaders, HeadersExt};
use rsipstack::sip::{Header, Method, Request, StatusCode, Uri};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipConnection, TcpListenerConnection, TlsConfig, TransportLayer};
use tokio::sync::mpsc;

use crate::config::telephone::{Server, Transport};
use crate::tasks::{Stop, TaskError, Tasks};

/// What the box calls itself to its peers.
const AGENT: &str = "anteroom";
/// What it can be asked to do.
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY";
/// How often the stack looks at its timers.
const TIMERS: Duration = Duration::from_millis(20);
/// How often a re-INVITE that crossed one of the peer's is tried (RFC 3261 section 14.1).
const GLARE: usize = 3;

/// Where the box listens, and who it is.
#[derive(Clone)]
pub struct Door {
    /// The address and port that it listens at; peers are told the same.
    pub listen: SocketAddr,
    /// What carries messages.
    pub transport: Transport,
    /// The extension's or trunk's name.
    pub user: String,
    /// The name for the digest, where it is another.
    pub auth_user: Option<String>,
    /// The password; none where the site trusts the box's address.
    pub password: Option<String>,
    /// The site's servers, by name, in the order in which they are tried.
    pub servers: Vec<Server>,
    /// Whether the names are looked for in SRV records where they have no port (RFC 3263).
    pub records: bool,
    /// The addresses of all of them at the start.
    pub found: Vec<SocketAddr>,
    /// The one to begin with.
    pub server: SocketAddr,
    /// The domain of addresses, and the name in the server's certificate.
    pub domain: String,
    /// Certificate authorities for TLS, PEM.
    pub authorities: Option<Vec<u8>>,
    /// Whose packets are read besides those of the servers.
    pub peers: Vec<IpAddr>,
    /// How often the way to the server is used, so that no NAT between closes it, and whether the server still answers is
    /// seen. Then the box calls itself by the address that the server sees too. None within the clinic's own network.
    pub keep_alive: Option<Duration>,
}

/// The line cannot be opened, or what was asked of a peer was not done.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// The port is taken, or the address is none of this machine's.
    #[error("the SIP port {0} cannot be opened: is another program there, and is the address this machine's?")]
    Listen(SocketAddr),
    /// Addresses out of the configuration do not parse.
    #[error("an address of the line is not one: look at line.sip in the configuration")]
    Address,
    /// The peer gave no answer.
    #[error("the telephone system gave no answer")]
    Silent,
    /// The call is over, or not yet there.
    #[error("there is no such call any more")]
    Gone,
}

/// The stack, opened.
pub(super) struct Endpoint {
    inner: EndpointInnerRef,
    layer: Arc<DialogLayer>,
    door: Door,
    reach: Arc<Reach>,
}

/// Requests of peers, as they come; to be served by [`serve`].
pub(super) struct Requests {
    incoming: TransactionReceiver,
    stack: rsipstack::transaction::Endpoint,
}

/// A call that rings, and has not been looked at.
pub(super) struct Invitation {
    transaction: Transaction,
    /// The packet's source, where the stack knows it.
    pub(super) source: Option<IpAddr>,
}

/// One call at the stack.
pub(super) struct Leg {
    dialog: InviteDialog,
    states: DialogStateReceiver,
    layer: Arc<DialogLayer>,
    confirmed: bool,
}

/// What happened to a call.
pub(super) enum Told {
    /// Ours rings there.
    Ringing,
    /// Ours was answered; with this description.
    Answered(Vec<u8>),
    /// Ours was refused, or not answered in time (408).
    Refused(u16),
    /// The peer has our answer; what its ACK said.
    Acknowledged(Vec<u8>),
    /// The peer wants to change the call.
    Changed(Box<Change>),
    /// A key, by INFO.
    Info(Vec<u8>),
    /// How a transfer goes: a SIP code, 100 to 199 while it is under way.
    Transfer(u16),
    /// The call is over; whether the peer ended it.
    Ended,
}

/// A re-INVITE or an UPDATE.
pub(super) struct Change {
    /// The new description; empty where there is none.
    pub(super) sdp: Vec<u8>,
    /// `Session-Expires`.
    pub(super) session_expires: Option<String>,
    /// `Min-SE`.
    pub(super) min_se: Option<String>,
    /// Whether the peer knows session timers.
    pub(super) timer: bool,
    /// Whether it is a re-INVITE: without a description it asks for ours.
    pub(super) invite: bool,
    handle: TransactionHandle,
}

impl Change {
    /// Agrees.
    pub(super) async fn agree(self, sdp: Option<String>, headers: Vec<(&'static str, String)>) {
        let headers = with_type(headers, sdp.is_some());
        // A peer that is gone meanwhile needs no answer.
        let _ = self.handle.respond(StatusCode::OK, Some(headers), sdp.map(String::into_bytes)).await;
    }

    /// Refuses.
    pub(super) async fn refuse(self, code: u16, headers: Vec<(&'static str, String)>) {
        let _ = self.handle.respond(StatusCode::from(code), Some(with_type(headers, false)), None).await;
    }
}

impl Endpoint {
    /// Opens the port.
    ///
    /// # Errors
    /// [`SipError::Listen`], [`SipError::Address`].
    pub(super) async fn open(door: Door, stop: &Stop) -> Result<(Self, Requests), SipError> {
        let listen = |_| SipError::Listen(door.listen);
        let layer = TransportLayer::new(stop.token());
        match door.transport {
            Transport::Udp => {
                let udp = UdpConnection::create_connection(door.listen, None, Some(stop.token())).await;
                layer.add_transport(udp.map_err(listen)?.into());
            }
            Transport::Tcp | Transport::Tls => {
                // Over TLS too, the box calls and is called on the connection that it opened itself.
                let tcp = TcpListenerConnection::new(door.listen, None).await.map_err(listen)?;
                layer.add_transport(tcp.into());
            }
        }
        if door.transport == Transport::Tls {
            layer.set_tls_config(TlsConfig {
                ca_certs: door.authorities.clone(),
                sni_hostname: Some(door.domain.clone()),
                ..TlsConfig::default()
            });
        }
        let reach = Arc::new(Reach::new(door.server, door.contact()?, door.peers.clone(), &door.found));
        let known = Arc::clone(&reach);
        layer.set_whitelist(move |ip: IpAddr| {
            let admitted = known.admits(ip);
            async move { admitted }
        });
        let stack = EndpointBuilder::new()
            .with_user_agent(AGENT)
            .with_transport_layer(layer)
            .with_cancel_token(stop.token())
            .with_timer_interval(TIMERS)
            .build();
        let incoming = stack.incoming_transactions().map_err(|_| SipError::Address)?;
        let inner = stack.inner.clone();
        let layer = Arc::new(DialogLayer::new(Arc::clone(&inner)));
        Ok((Self { inner, layer, door, reach }, Requests { incoming, stack }))
    }

    /// The door that was opened.
    pub(super) fn door(&self) -> &Door {
        &self.door
    }

    /// Whether packets of this address are read.
    pub(super) fn admits(&self, ip: IpAddr) -> bool {
        self.reach.admits(ip)
    }

    /// The servers have these addresses now: who may ring the box follows them. `now` since any fixed moment.
    pub(super) fn admit(&self, servers: impl Iterator<Item = SocketAddr>, now: Duration) {
        self.reach.admit(servers, now);
    }

    /// From now on the box registers and calls there.
    pub(super) fn turn_to(&self, server: SocketAddr) {
        self.reach.turn_to(server);
    }

    /// The server that the box sends to.
    pub(super) fn server(&self) -> SocketAddr {
        self.reach.server()
    }

    /// Rings somebody: an extension, or a whole address.
    ///
    /// # Errors
    /// [`SipError::Address`], [`SipError::Silent`].
    pub(super) fn invite(
        &self,
        target: &str,
        offer: String,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Leg, SipError> {
        let callee = if target.contains(':') { parsed(target)? } else { self.door.uri(Some(target))? };
        let option = InviteOption {
            caller: self.door.uri(Some(&self.door.user))?,
            callee,
            destination: Some(self.destination()),
            content_type: Some(SDP.to_owned()),
            offer: Some(offer.into_bytes()),
            contact: self.reach.contact(),
            credential: self.door.credential(),
            headers: Some(with_type(headers, false)),
            ..InviteOption::default()
        };
        let (sender, states) = self.layer.new_dialog_state_channel();
        // The stack drives the INVITE in a task of its own; what comes of it is told by the states.
        let (dialog, _driven) = self.layer.do_invite_async(option, sender).map_err(|_| SipError::Address)?;
        Ok(Leg { dialog, states, layer: Arc::clone(&self.layer), confirmed: false })
    }

    /// Where requests outside of a call go, whatever domain they name: the server that the box is registered with.
    fn destination(&self) -> rsipstack::transport::SipAddr {
        let kind = match self.door.transport {
            Transport::Udp => rsipstack::sip::Transport::Udp,
            Transport::Tcp => rsipstack::sip::Transport::Tcp,
            Transport::Tls => rsipstack::sip::Transport::Tls,
        };
        rsipstack::transport::SipAddr { r#type: Some(kind), addr: self.reach.server().into() }
    }
}

/// The type of descriptions.
const SDP: &str = "application/sdp";

/// Never `sips:`: it would ask every hop for TLS, which most clinics' systems refuse.
const SCHEME: &str = "sip";

impl Door {
    fn parameters(&self) -> &'static str {
        match self.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        }
    }

    fn uri(&self, user: Option<&str>) -> Result<Uri, SipError> {
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        parsed(&format!("{}:{user}{}{}", SCHEME, self.domain, self.parameters()))
    }

    fn contact(&self) -> Result<Uri, SipError> {
        parsed(&format!("{}:{}@{}{}", SCHEME, self.user, self.listen, self.parameters()))
    }

    fn credential(&self) -> Option<Credential> {
        let password = self.password.clone()?;
        let (username, auth_username) = (self.user.clone(), self.auth_user.clone());
        Some(Credential { username, password, realm: None, auth_username })
    }
}

fn parsed(text: &str) -> Result<Uri, SipError> {
    Uri::try_from(text).map_err(|_| SipError::Address)
}

/// Hands requests on until `stop`: new calls to `invitations`, requests within a call to that call. `is_ready` says whether
/// an OPTIONS is answered with 200 or 503.
pub(super) async fn serve(
    endpoint: Arc<Endpoint>,
    requests: Requests,
    invitations: mpsc::Sender<Invitation>,
    is_ready: impl Fn() -> bool + Send,
    stop: Stop,
) -> Result<(), TaskError> {
    let Requests { mut incoming, stack } = requests;
    let mut within = Tasks::below(&stop);
    let serving = stack.serve();
    tokio::pin!(serving);
    loop {
        tokio::select! {
            () = stop.asked() => break,
            () = &mut serving => break,
            () = within.reap() => {}
            next = incoming.recv() => {
                let Some(mut transaction) = next else { break };
                let begins = to_tag(&transaction.original).is_none();
                match transaction.original.method {
                    Method::Invite if begins => {
                        let invitation = Invitation::new(transaction);
                        if let Err(mpsc::error::TrySendError::Full(invitation)) = invitations.try_send(invitation) {
                            invitation.refuse(503, Some(1)).await;
                        }
                    }
                    Method::Options if begins => {
                        let code = if is_ready() { StatusCode::OK } else { StatusCode::ServiceUnavailable };
                        let allow = vec![Header::Allow(ALLOW.into())];
                        let _ = transaction.reply_with(code, allow, None).await;
                    }
                    // An ACK without a call is late, and has no answer.
                    Method::Ack if begins => {}
                    Method::Invite
                    | Method::Ack
                    | Method::Bye
                    | Method::Cancel
                    | Method::Info
                    | Method::Message
                    | Method::Notify
                    | Method::Options
                    | Method::PRack
                    | Method::Publish
                    | Method::Refer
                    | Method::Register
                    | Method::Subscribe
                    | Method::Update => match endpoint.layer.match_dialog(&transaction) {
                        Some(dialog) => within.start("sip-request", move |_| handle(dialog, transaction)),
                        None if transaction.original.method == Method::Ack => {}
                        None => {
                            let _ = transaction.reply(StatusCode::CallTransactionDoesNotExist).await;
                        }
                    },
                }
            }
        }
    }
    stack.shutdown();
    Ok(())
}

async fn handle(mut dialog: Dialog, mut transaction: Transaction) -> Result<(), TaskError> {
    if dialog.handle(&mut transaction).await.is_err() {
        tracing::debug!("a request within a call was not served");
    }
    Ok(())
}

impl Invitation {
    fn new(transaction: Transaction) -> Self {
        let remote = transaction.connection.as_ref().and_then(SipConnection::get_remote_addr).cloned();
        let via = || SipConnection::get_destination(&transaction.original.clone().into()).ok().map(|at| at.ip());
        let source = remote.and_then(|at| at.get_socketaddr().ok()).map(|at| at.ip()).or_else(via);
        Self { transaction, source }
    }

    /// The values of a header, in order.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        values(&self.transaction.original, name)
    }

    /// The address that was asked for.
    pub(super) fn asked_for(&self) -> String {
        self.transaction.original.uri.to_string()
    }

    /// The description; empty where there is none.
    pub(super) fn sdp(&self) -> &[u8] {
        &self.transaction.original.body
    }

    /// Whether the peer knows session timers (RFC 4028).
    pub(super) fn knows_timers(&self) -> bool {
        knows_timers(&self.transaction.original)
    }

    /// Refuses, before anything was answered. `retry_after` in seconds.
    pub(super) async fn refuse(mut self, code: u16, retry_after: Option<u32>) {
        let headers = retry_after.map(|seconds| Header::RetryAfter(seconds.to_string().into()));
        let _ = self.transaction.reply_with(StatusCode::from(code), headers.into_iter().collect(), None).await;
    }

    /// Refuses with further headers.
    pub(super) async fn refuse_with(mut self, code: u16, headers: Vec<(&'static str, String)>) {
        let _ = self.transaction.reply_with(StatusCode::from(code), with_type(headers, false), None).await;
    }

    /// Takes the call on. What drives it must run until it ends.
    ///
    /// # Errors
    /// [`SipError::Gone`].
    pub(super) fn take(
        self,
        endpoint: &Endpoint,
    ) -> Result<(Leg, impl Future<Output = Result<(), TaskError>> + Send + use<>), SipError> {
        let (sender, states) = endpoint.layer.new_dialog_state_channel();
        let contact = Some(endpoint.reach.contact());
        let dialog = endpoint.layer.get_or_create_server_invite(&self.transaction, sender, None, contact);
        let dialog = dialog.map_err(|_| SipError::Gone)?;
        let driven = handle(Dialog::Invite(dialog.clone()), self.transaction);
        Ok((Leg { dialog, states, layer: Arc::clone(&endpoint.layer), confirmed: false }, driven))
    }
}

impl Leg {
    /// The next that happens; [`Told::Ended`] for ever after the end.
    pub(super) async fn next(&mut self) -> Told {
        loop {
            let Some(state) = self.states.recv().await else { return Told::Ended };
            match state {
                DialogState::Calling(_) | DialogState::Trying(_) | DialogState::WaitAck(_, _) => {}
                DialogState::Early(_, _) => return Told::Ringing,
                DialogState::Confirmed(_, response) if !self.confirmed => {
                    self.confirmed = true;
                    let ack = self.dialog.last_remote_ack();
                    return match ack {
                        Some(ack) => Told::Acknowledged(ack.body),
                        None => Told::Answered(response.body),
                    };
                }
                DialogState::Confirmed(_, _) => {}
                DialogState::Updated(_, request, handle) => return Told::Changed(Box::new(change(request, handle))),
                DialogState::Info(_, request, handle) => {
                    let _ = handle.reply(StatusCode::OK).await;
                    return Told::Info(request.body);
                }
                DialogState::Notify(_, request, handle) => {
                    let _ = handle.reply(StatusCode::OK).await;
                    if let Some(code) = transfer(&request) {
                        return Told::Transfer(code);
                    }
                }
                DialogState::Options(_, _, handle) => {
                    let _ = handle.reply(StatusCode::OK).await;
                }
                // Nobody transfers the box, writes to it or publishes at it.
                DialogState::Refer(_, _, handle)
                | DialogState::Message(_, _, handle)
                | DialogState::Publish(_, _, handle) => {
                    let _ = handle.reply(StatusCode::MethodNotAllowed).await;
                }
                DialogState::Terminated(_, _) if self.confirmed => return Told::Ended,
                DialogState::Terminated(_, reason) => return refused(&reason),
            }
        }
    }

    /// Says that it rings.
    pub(super) fn ring(&self) {
        // Where the call is over already, that is told.
        let _ = self.dialog.ringing(None, None);
    }

    /// Answers.
    ///
    /// # Errors
    /// [`SipError::Gone`].
    pub(super) fn answer(&self, sdp: String, headers: Vec<(&'static str, String)>) -> Result<(), SipError> {
        let mut headers = with_type(headers, true);
        headers.push(Header::Allow(ALLOW.into()));
        self.dialog.accept(Some(headers), Some(sdp.into_bytes())).map_err(|_| SipError::Gone)
    }

    /// Refuses what has rung.
    pub(super) fn reject(&self, code: u16) {
        let _ = self.dialog.reject(Some(StatusCode::from(code)), None);
    }

    /// Hangs up, or takes back what still rings.
    pub(super) async fn hang_up(&self) {
        let _ = self.dialog.hangup().await;
    }

    /// Changes the call by a re-INVITE, or refreshes it; returns the code, the description and `Session-Expires` of the answer.
    ///
    /// # Errors
    /// [`SipError::Gone`], [`SipError::Silent`].
    pub(super) fn change(
        &self,
        sdp: String,
        headers: Vec<(&'static str, String)>,
    ) -> impl Future<Output = Result<(u16, Vec<u8>, Option<String>), SipError>> + Send + use<> {
        let dialog = self.dialog.clone();
        async move {
            let headers = Some(with_type(headers, true));
            let answer = dialog.reinvite_with_glare_retry(headers, Some(sdp.into_bytes()), GLARE).await;
            let answer = answer.map_err(|_| SipError::Silent)?.ok_or(SipError::Gone)?;
            let session_expires = value(&answer, "Session-Expires");
            Ok((answer.status_code.code(), answer.body, session_expires))
        }
    }

    /// Asks whether the peer is still there; returns its code.
    ///
    /// # Errors
    /// [`SipError::Gone`], [`SipError::Silent`].
    pub(super) fn ask(&self) -> impl Future<Output = Result<u16, SipError>> + Send + use<> {
        let dialog = self.dialog.clone();
        async move {
            let answer = dialog.request(Method::Options, None, None).await.map_err(|_| SipError::Silent)?;
            answer.map(|answer| answer.status_code.code()).ok_or(SipError::Gone)
        }
    }

    /// Asks the peer to be connected with whoever `other` is in a call with (REFER with Replaces, RFC 3891, RFC 5589); returns
    /// its code. How it goes is told by [`Told::Transfer`].
    ///
    /// # Errors
    /// [`SipError::Gone`], [`SipError::Silent`].
    pub(super) fn refer_to(&self, other: &Self) -> impl Future<Output = Result<u16, SipError>> + Send + use<> {
        let (dialog, id) = (self.dialog.clone(), other.dialog.id());
        let target = other.dialog.snapshot().remote_uri;
        let replaces = format!("{};to-tag={};from-tag={}", id.call_id, id.remote_tag, id.local_tag);
        let refer_to = format!("<{target}?Replaces={}>", escaped(&replaces));
        async move {
            let answer = dialog.refer(refer_to.as_str(), None, None).await.map_err(|_| SipError::Silent)?;
            answer.map(|answer| answer.status_code.code()).ok_or(SipError::Gone)
        }
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        // The stack keeps a dialog until it is told.
        self.layer.remove_dialog(&self.dialog.id());
    }
}

fn change(request: Request, handle: TransactionHandle) -> Change {
    let (session_expires, min_se) = (value(&request, "Session-Expires"), value(&request, "Min-SE"));
    let (timer, invite) = (knows_timers(&request), request.method == Method::Invite);
    Change { session_expires, min_se, timer, invite, sdp: request.body, handle }
}

/// How a transfer goes, out of a NOTIFY's message/sipfrag (RFC 3515 section 2.4.5). The stack's own reader looks for an Event
/// only among headers that it has no type for, and so never finds one.
fn transfer(notify: &Request) -> Option<u16> {
    let event = value(notify, "Event")?;
    let is_refer = event.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("refer"));
    let body = std::str::from_utf8(&notify.body).ok().filter(|_| is_refer)?;
    body.lines().find_map(|line| line.strip_prefix("SIP/2.0 "))?.get(..3)?.parse().ok()
}

/// What a call that never was came to: it was taken back, or refused with a code.
fn refused(reason: &TerminatedReason) -> Told {
    match reason {
        TerminatedReason::UacCancel | TerminatedReason::UacBye | TerminatedReason::UasBye => Told::Ended,
        TerminatedReason::Timeout => Told::Refused(408),
        TerminatedReason::UacBusy | TerminatedReason::UasBusy => Told::Refused(486),
        TerminatedReason::UasDecline => Told::Refused(603),
        TerminatedReason::ProxyAuthRequired => Told::Refused(407),
        TerminatedReason::ProxyError(code) | TerminatedReason::UacOther(code) | TerminatedReason::UasOther(code) => {
            Told::Refused(code.code())
        }
    }
}

fn to_tag(request: &Request) -> Option<String> {
    request.to_header().ok()?.tag().ok()?.map(|tag| tag.value().to_owned())
}

fn knows_timers(request: &Request) -> bool {
    let knows = |name| values(request, name).iter().any(|list| list.split(',').any(|word| word.trim() == "timer"));
    knows("Supported") || knows("Require") || knows("k")
}

fn values(message: &impl HasHeaders, name: &str) -> Vec<String> {
    let named = message.headers().iter().filter(|header| header.name().eq_ignore_ascii_case(name));
    named.map(|header| header.value().trim().to_owned()).collect()
}

fn value(message: &impl HasHeaders, name: &str) -> Option<String> {
    values(message, name).into_iter().next()
}

fn with_type(headers: Vec<(&'static str, String)>, has_sdp: bool) -> Vec<Header> {
    let typed = has_sdp.then(|| Header::ContentType(SDP.into()));
    headers.into_iter().map(|(name, value)| Header::Other(name.to_owned(), value)).chain(typed).collect()
}

/// For the part of an address behind the question mark (RFC 3261 section 19.1.1).
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
