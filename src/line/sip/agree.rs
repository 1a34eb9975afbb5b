//! What is agreed on before a call is answered: who calls, its sound, its session timer. Or why it cannot be.
//!
//! In:  an INVITE that the site has admitted. Out: [`Agreed`], or a refusal that has been sent.

use super::Site;
use super::endpoint::Invitation;
use super::identity;
use super::sound::Sound;
use super::timers::{Part, Session, TooSmall, negotiate_in};
use crate::secret::Secret;

/// What is answered first.
pub(super) enum First {
    /// The answer to the peer's offer.
    Answer(String),
    /// Our offer, where the peer made none.
    Offer(String),
}

/// What a call begins with.
pub(super) struct Agreed {
    pub(super) sound: Sound,
    pub(super) first: First,
    pub(super) session: Option<Session>,
}

/// What can be agreed on, if anything.
pub(super) fn agreed(site: &Site, invitation: &Invitation) -> Option<Agreed> {
    let mut sound = Sound::new(&site.ports, site.srtp).ok()?;
    let session = session_of(site, invitation).ok()?;
    let sdp = invitation.sdp();
    let first = if sdp.is_empty() { First::Offer(sound.offer()) } else { First::Answer(sound.answer(sdp).ok()?) };
    Some(Agreed { sound, first, session })
}

fn session_of(site: &Site, invitation: &Invitation) -> Result<Option<Session>, TooSmall> {
    let [session_expires, min_se] =
        ["Session-Expires", "Min-SE"].map(|name| invitation.values(name).into_iter().next());
    negotiate_in(session_expires.as_deref(), min_se.as_deref(), invitation.knows_timers(), site.wanted)
}

/// Says why the call cannot be: before anything was answered, so that the exchange goes on to the desk.
pub(super) async fn refuse(site: &Site, invitation: Invitation) {
    if let Err(TooSmall { min_se }) = session_of(site, &invitation) {
        return invitation.refuse_with(422, vec![("Min-SE", min_se.to_string())]).await;
    }
    let code = match Sound::new(&site.ports, site.srtp) {
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a call was refused");
            503
        }
        Ok(mut sound) => match sound.answer(invitation.sdp()) {
            Ok(_) => 503,
            Err(refused) => {
                tracing::warn!(reason = %refused, "a call was refused");
                refused.code()
            }
        },
    };
    invitation.refuse(code, None).await;
}

/// Who calls, as the site's exchange says it; empty where it is withheld.
pub(super) fn number(site: &Site, invitation: &Invitation) -> Secret {
    let asserted = invitation.values("P-Asserted-Identity");
    let asserted: Vec<&str> = asserted.iter().map(String::as_str).collect();
    let privacy = invitation.values("Privacy").into_iter().next();
    let from = invitation.values("From").into_iter().next().unwrap_or_default();
    identity::caller(&from, &asserted, privacy.as_deref(), site.trust_asserted).number
}

/// What a 2xx says of the session's timer (RFC 4028 section 9).
pub(super) fn answer_headers(session: Session, peer_knows: bool) -> Vec<(&'static str, String)> {
    let required = session.requires_timer(peer_knows).then(|| ("Require", "timer".to_owned()));
    let expires = [("Supported", "timer".to_owned()), ("Session-Expires", session.session_expires(Part::Uas))];
    expires.into_iter().chain(required).collect()
}
