//! Names that must lead to the public internet.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Refused, address::is_public};

/// Resolves names and refuses those that lead anywhere but to the public internet. The connection is
/// made to the very addresses that were judged, so that a second answer of the name server changes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let addresses: Addrs = Box::new(all_public(found)?.into_iter());
            Ok(addresses)
        })
    }
}

/// One address that is not public condemns the name: who mixes them tries to get in.
fn all_public(found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
    if found.iter().all(|address| is_public(address.ip())) {
        Ok(found)
    } else {
        Err(Refused::Address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_local_address_condemns_a_name() {
        let public: SocketAddr = "140.82.112.5:0".parse().unwrap();
        let local: SocketAddr = "[fd00::1]:0".parse().unwrap();
        assert_eq!(all_public(vec![public]), Ok(vec![public]));
        assert_eq!(all_public(vec![public, local]), Err(Refused::Address));
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() {
        let refused = PublicResolver
            .resolve("localhost".parse().unwrap())
            .await
            .err()
            .unwrap();
        assert_eq!(refused.downcast_ref::<Refused>(), Some(&Refused::Address));
    }
}
