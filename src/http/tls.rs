//! TLS as the airlock speaks it: rustls's defaults (1.3 and 1.2) over aws-lc, and nothing to switch off.
//!
//! The certificate must be valid for the endpoint's host. Early data stays off: whoever listens could repeat it.
//! Whether a certificate was revoked is not asked: that would be a connection to somewhere that is not listed.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::endpoint::Endpoint;

/// A file of authorities that cannot be used. Each text says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaError {
    /// It holds no certificate in PEM form, or one that cannot be read.
    #[error("write the authority's certificates in PEM form (BEGIN CERTIFICATE), each of them whole")]
    NotPem,
    /// The endpoint is in the cloud, where the public authorities are the ones believed.
    #[error("leave the file of authorities out, or mark the endpoint as lan; cloud endpoints use the public ones")]
    Cloud,
    /// The endpoint is not spoken to through TLS.
    #[error("leave the file of authorities out, or begin the endpoint with https://")]
    Plain,
    /// TLS cannot be set up in this build.
    #[error("TLS cannot be set up for this endpoint: a mistake in the program")]
    Unusable,
}

/// Makes aws-lc the cryptography of every rustls in this process. For the daemon's main; a second call does nothing.
///
/// This client names its cryptography itself and does not depend on it: the default is for whatever else may come to
/// use rustls, which without one would stop the process.
pub fn install_crypto() {
    // Refused only where a default stands already.
    let _ = aws_lc_rs::default_provider().install_default();
}

/// How to speak TLS to `endpoint`, and the name its certificate must bear; `None` where it is spoken to without.
pub(super) fn connector(
    endpoint: &Endpoint,
    ca: Option<&[u8]>,
) -> Result<Option<(TlsConnector, ServerName<'static>)>, CaError> {
    if !endpoint.is_secure() {
        return if ca.is_some() { Err(CaError::Plain) } else { Ok(None) };
    }
    let roots = match ca {
        Some(_) if !endpoint.is_lan() => return Err(CaError::Cloud),
        Some(pem) => authorities(pem).ok_or(CaError::NotPem)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| CaError::Unusable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(endpoint.host()).map_err(|_| CaError::Unusable)?;
    Ok(Some((TlsConnector::from(Arc::new(config)), name)))
}

fn authorities(pem: &[u8]) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}
