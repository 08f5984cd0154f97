//! L6: stores in memory and on disk answer alike.

use crate::{
    answers::{answers, equal, ingest_at, law, memory},
    inputs::at,
};
use stitchline::Engine;

/// A folder on a disk in memory where there is one: nothing here is about losing power.
pub(crate) fn folder() -> tempfile::TempDir {
    let fast = std::path::Path::new("/dev/shm");
    if fast.is_dir() { tempfile::tempdir_in(fast) } else { tempfile::tempdir() }
        .expect("a folder can be made")
}

#[test]
fn memory_and_disk_answer_alike() {
    let folder = folder();
    let number = std::cell::Cell::new(0);
    law("stores", 250, 40, |scenario| {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.stitchline", number.get()));
        let disk = Engine::open_with(&path, scenario.policy.clone()).expect("the file can be made");
        let memory = memory(scenario);
        for (batch, arrived) in scenario.batches.iter().zip((100..).map(at)) {
            ingest_at(&disk, batch, arrived)?;
            ingest_at(&memory, batch, arrived)?;
        }
        equal!(answers(&disk), answers(&memory), "memory and disk");
        let feed = |engine: &Engine| engine.changes(0, usize::MAX).expect("the store can be read");
        equal!(feed(&disk), feed(&memory), "the change feeds of memory and disk");
        drop(disk);
        std::fs::remove_file(&path).expect("the file is there");
        Ok(())
    });
}
