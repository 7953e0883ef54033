//! The certificate that the emulator answers with.
//!
//! It speaks TLS, because the queues of the template refuse everything else.

use std::{fs, path::Path};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// Files of a certificate for this machine, signed by an authority that nobody else knows.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// The authority, in PEM form, to be trusted.
    pub(crate) authority: String,
    /// The name of its file.
    pub(crate) authority_file: String,
    /// The file of the server's certificate.
    pub(crate) server_file: String,
    /// The file of the server's key.
    pub(crate) key_file: String,
}

impl Certificate {
    /// Makes the files in `folder`.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let authority = authority()?;
        let authority_key = KeyPair::generate()?;
        let authority_pem = authority.self_signed(&authority_key)?.pem();
        let key = KeyPair::generate()?;
        let issuer = Issuer::new(authority, authority_key);
        let server = server()?.signed_by(&key, &issuer)?;
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text)?;
            Ok::<_, anyhow::Error>(path.display().to_string())
        };
        Ok(Self {
            authority_file: write("authority.pem", &authority_pem)?,
            server_file: write("server.pem", &server.pem())?,
            key_file: write("server-key.pem", &key.serialize_pem())?,
            authority: authority_pem,
        })
    }
}

fn authority() -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Switchyard deployed here");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn server() -> Result<CertificateParams> {
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
