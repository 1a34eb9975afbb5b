//! TLS as the box speaks it: rustls's defaults (1.3 and 1.2) over aws-lc, and nothing to switch off.
//!
//! The certificate must be valid for the endpoint's host. Early data stays off: whoever listens could repeat it.
//! Whether a certificate was revoked is not asked: that would be a connection to somewhere that is not listed.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use super::HttpError;
use super::endpoint::Endpoint;

/// What is spoken inside: HTTP. RFC 7301.
pub(super) const HTTP: &[u8] = b"http/1.1";
/// What is spoken inside: PostgreSQL, whose servers from version 17 on refuse to hear of anything else.
pub(crate) const POSTGRESQL: &[u8] = b"postgresql";

/// A stream inside TLS.
pub type Encrypted<S> = tokio_rustls::client::TlsStream<S>;

/// How to speak TLS to one endpoint.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    /// The name its certificate must bear.
    name: ServerName<'static>,
}

impl Tls {
    /// Shakes hands over `stream`. The other side's certificate must be for the endpoint's host.
    ///
    /// # Errors
    /// [`HttpError::Certificate`] or [`HttpError::Tls`].
    pub async fn wrap<S>(&self, stream: S) -> Result<Encrypted<S>, HttpError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.connector.connect(self.name.clone(), stream).await.map_err(|error| reason(&error))
    }
}

fn reason(error: &std::io::Error) -> HttpError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => HttpError::Certificate,
        Some(_) | None => HttpError::Tls,
    }
}

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

/// How to speak TLS to `endpoint`, with `inside` in it; `None` where it is spoken to without.
pub(super) fn connector(endpoint: &Endpoint, ca: Option<&[u8]>, inside: &[u8]) -> Result<Option<Tls>, CaError> {
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
    config.alpn_protocols = vec![inside.to_vec()];
    let name = ServerName::try_from(endpoint.host()).map_err(|_| CaError::Unusable)?;
    Ok(Some(Tls { connector: TlsConnector::from(Arc::new(config)), name }))
}

fn authorities(pem: &[u8]) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}
