//! What arrives encrypted or in parts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_custody::PublicKey;
use exhibit_device::{FileSource, Mapping};
use exhibit_encryption::Identity;
use exhibit_evidence::Source;
use exhibit_package::parts::{ENDING, FILE_BYTES_MAX, FORMAT};
use exhibit_verify::{
    Candidate, ImageReader, Interrupted, Level, Parts, Request, Watch, check_opened, check_parts, check_unopened, zip,
};

use super::{Judged, Target};
use crate::authorities::Loaded;
use crate::encryption;
use crate::outcome::{Failure, shown};
use crate::world::World;

/// A file that arrived, and where to look further.
pub(super) struct Received<'a> {
    pub(super) path: &'a Path,
    pub(super) folders: &'a [PathBuf],
    /// What opens it if it is encrypted.
    pub(super) identities: &'a [Identity],
}

impl Received<'_> {
    pub(super) fn check(
        &self,
        world: &World,
        target: Target,
        level: Level,
        keys: &[PublicKey],
        loaded: &Loaded,
    ) -> Result<Judged, Failure> {
        let watch = Watch { observer: world.observer.as_ref(), cancel: &world.cancel };
        let reader = ImageReader { jobs: world.jobs };
        let request = Request {
            level,
            trusted: keys,
            trust: loaded.trust(world.clock.now()),
            media: Some(&reader),
            now: Some(world.clock.now()),
            limits: zip::Limits::default(),
            watch,
        };
        match target {
            Target::Part => {
                let list = list_beside(self.path).ok_or_else(|| Failure::new("the list of the parts has gone"))?;
                let name = self.path.file_name().and_then(|name| name.to_str());
                self.parts(world, &request, &list, name)
            }
            Target::Encrypted => self.encrypted(world, &request),
            _ => self.parts(world, &request, self.path, None),
        }
    }

    fn encrypted(&self, world: &World, request: &Request<'_>) -> Result<Judged, Failure> {
        let source = FileSource::open(self.path, world.mapping());
        let source: Arc<dyn Source> = Arc::new(source.map_err(|error| Failure::io("open", self.path, &error))?);
        match encryption::open(source, self.identities) {
            Ok((plain, keys)) => Ok(Judged::of(&check_opened(plain, &keys, request).map_err(stopped)?)),
            Err(finding) => Ok(Judged::of(&check_unopened(finding, request.level))),
        }
    }

    fn parts(&self, world: &World, request: &Request<'_>, list: &Path, only: Option<&str>) -> Result<Judged, Failure> {
        let bytes = exhibit_device::read_small(list, FILE_BYTES_MAX);
        let manifest = bytes.map_err(|error| Failure::io("read the list of parts", list, &error))?;
        let mut signature_path = list.as_os_str().to_owned();
        signature_path.push(".sig");
        let signature = exhibit_device::read_small(Path::new(&signature_path), FILE_BYTES_MAX).ok();
        let own = list.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folders: Vec<&Path> = std::iter::once(own).chain(self.folders.iter().map(PathBuf::as_path)).collect();
        let find = |name: &str| -> Vec<Candidate> {
            let one = |folder: &&Path| {
                let path = folder.join(name);
                let source = FileSource::open(&path, world.mapping()).ok()?;
                Some((shown(&path), Arc::new(source) as Arc<dyn Source>))
            };
            folders.iter().filter_map(one).collect()
        };
        let open = |source: Arc<dyn Source>| encryption::open(source, self.identities);
        let parts = Parts { manifest: &manifest, signature: signature.as_deref(), find: &find, only, open: &open };
        Ok(Judged::of(&check_parts(&parts, request).map_err(stopped)?))
    }
}

fn stopped(error: Interrupted) -> Failure {
    Failure::of(exhibit_evidence::Class::Interrupted, error.to_string())
}

/// Whether a file is a list of parts.
pub(super) fn is_list(source: &dyn Source) -> bool {
    if source.size() > FILE_BYTES_MAX {
        return false;
    }
    let mut bytes = vec![0; usize::try_from(source.size()).unwrap_or(0)];
    let mark = format!("\"format\":\"{FORMAT}\"");
    let read = source.read_at(0, &mut bytes).is_ok();
    read && bytes.first() == Some(&b'{') && bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
}

/// The list of parts that a file is one of, if it lies beside it.
pub(super) fn list_beside(path: &Path) -> Option<PathBuf> {
    let (stem, number) = path.to_str()?.rsplit_once('.')?;
    let is_number = number.len() >= 3 && number.bytes().all(|c| c.is_ascii_digit());
    let list = PathBuf::from(format!("{stem}{ENDING}"));
    let source = FileSource::open(&list, Mapping::Never).ok().filter(|_| is_number)?;
    is_list(&source).then_some(list)
}
