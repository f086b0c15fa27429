//! How many files may be open at once.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asked for where the system sets no limit: four times the segments that an E01 can have.
const FILES: u64 = 65_536;

/// Lets this process open as many files as the system allows it. Usually only 1024 are open to a process that does not ask:
/// an E01 of a large disk has more segment files than that, all of them open until they are checked and named together.
pub fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(FILES);
    if limit.current.is_some_and(|current| current < wanted) {
        // If it is refused, the limit of before holds, and whoever meets it is told by the system.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_what_the_system_allows_at_most() {
        let before = getrlimit(Resource::Nofile);
        let few = Rlimit { current: Some(100), maximum: before.maximum };
        setrlimit(Resource::Nofile, few).unwrap();
        allow_many_files();
        let after = getrlimit(Resource::Nofile);
        assert_eq!((after.current, after.maximum), (Some(before.maximum.unwrap_or(FILES)), before.maximum));
    }
}
