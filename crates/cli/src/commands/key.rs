//! `exhibit key`: signing keys in OpenSSH's format, so that `ssh-keygen` can use them too.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::keys;
use crate::outcome::{Done, Ending, Failure, shown};
use crate::world::World;

/// Make or show signing keys.
///
/// The key is an Ed25519 key in OpenSSH format. Give the public half (the .pub file) to whoever should check what you
/// sign; keep the private half to yourself. In this version private keys are not encrypted: protect the file.
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a new key and its .pub file
    New {
        /// Where to put it [default: the user's own key]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Whose key it is; goes into the public half
        #[arg(long, default_value = "exhibit")]
        comment: String,
    },
    /// Show the public half and its fingerprint
    Show {
        /// Private or public key file [default: the user's own key]
        file: Option<PathBuf>,
    },
}

impl Key {
    pub(super) fn run(&self, world: &World) -> Ending {
        match &self.action {
            Action::New { out, comment } => {
                let path = out.clone().map_or_else(|| keys::path(world), Ok)?;
                if comment.chars().any(char::is_control) {
                    return Err(Failure::usage("--comment must be one line of text"));
                }
                let key = keys::create(&path, comment)?;
                let public = key.public_key();
                world.say(&format!("Private key: {} (not encrypted: keep it to yourself)", shown(&path)));
                world.say(&format!("Public key:  {}.pub", shown(&path)));
                world.say(&format!("Fingerprint: {}", public.fingerprint()));
                Ok(Done::new(
                    json!({"private_key": shown(&path), "public_key": public.to_openssh(), "fingerprint": public.fingerprint()}),
                ))
            }
            Action::Show { file } => {
                let path = file.clone().map_or_else(|| keys::path(world), Ok)?;
                let publics = match keys::load(&path) {
                    Ok(key) => vec![key.public_key().clone()],
                    Err(failure) => keys::load_public(&path).map_err(|_| failure)?,
                };
                for public in &publics {
                    world.tell(&public.to_openssh());
                    world.tell(&format!("Fingerprint: {}", public.fingerprint()));
                }
                let shown_keys: Vec<_> = publics
                    .iter()
                    .map(|key| json!({"public_key": key.to_openssh(), "fingerprint": key.fingerprint()}))
                    .collect();
                Ok(Done::new(json!({"keys": shown_keys})))
            }
        }
    }
}
