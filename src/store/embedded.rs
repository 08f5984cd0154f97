//! The store in one file on disk (redb: copy-on-write B-trees, checksums, one fsync a commit).

use super::{Store, Table, Write};
use crate::error::{Error, ErrorKind, Result};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTableMetadata, StorageError, TableDefinition};
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

type Rows = TableDefinition<'static, u64, &'static [u8]>;

fn rows(table: Table) -> Rows {
    TableDefinition::new(match table {
        Table::Inputs => "inputs",
        Table::Changes => "changes",
        Table::Checkpoint => "checkpoint",
        Table::Meta => "meta",
    })
}

/// Keeps everything in one file. A commit that returned is on disk.
#[derive(Debug)]
pub struct EmbeddedStore {
    path: PathBuf,
    /// Replaced as a whole when the content is; who reads goes on with the one that it has.
    database: RwLock<Arc<Held>>,
}

impl EmbeddedStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] where another process has it open, [`ErrorKind::NewerFormat`] where a newer version of
    /// the file format wrote it, [`ErrorKind::Corrupt`] where it is something else or damaged, [`ErrorKind::Storage`]
    /// where the disk fails.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if !path.exists() {
            make(path);
        }
        let database = guarded(|| create(path))?;
        let path = fs::canonicalize(path).map_err(file)?;
        // Only where the file has a second name can one be left of the making of it.
        if has_other_names(&path) {
            clear(&path);
        }
        // What a process left behind that ended while it put other content in the place of all.
        match fs::remove_file(beside(&path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file(error)),
            _ => {}
        }
        Ok(EmbeddedStore { path, database: RwLock::new(Arc::new(database)) })
    }

    fn database(&self) -> Arc<Held> {
        self.database.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A database that can be let go of after redb panicked in it, when letting go panics too.
#[derive(Debug)]
struct Held(Option<Database>);

impl Held {
    fn get(&self) -> Result<&Database> {
        self.0.as_ref().ok_or_else(|| Error::new(ErrorKind::Storage, "the database is closed"))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let database = self.0.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(database)));
    }
}

/// The work, where redb does not panic, as it does at some kinds of damage.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::Corrupt, "the database file is damaged")))
}

/// Opens a database file, or makes it, with all tables.
fn create(path: &Path) -> Result<Held> {
    // What is hot lives in the engine's own memory; the cache serves payloads and the change feed.
    let database = Database::builder().set_cache_size(512 << 20).create(path).map_err(opening)?;
    let database = Held(Some(database));
    let setup = database.get()?.begin_write().map_err(storage)?;
    for table in Table::ALL {
        setup.open_table(rows(table)).map_err(storage)?;
    }
    setup.commit().map_err(storage)?;
    Ok(database)
}

/// The file in which a database of that name is made, before it gets the name: a name that nobody would choose.
fn unfinished(path: &Path, process: u32) -> Option<PathBuf> {
    let name = path.file_name()?;
    let mut new = OsString::from(".");
    new.push(name);
    new.push(format!(".{process}{MADE}"));
    Some(path.with_file_name(new))
}

/// How the name of a file ends in which a database is made.
const MADE: &str = ".stitchline-new";

/// Removes what processes left behind that ended while they made a database of that name, of the files of the form of
/// [`unfinished`]: a second name of the database itself, and what nobody holds a lock on and holds nothing. What cannot
/// be told or removed stays; nothing depends on it.
fn clear(path: &Path) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    let process = |other: &str| -> Option<u32> {
        other.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(MADE)?.parse().ok()
    };
    for entry in fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let found = entry.file_name().to_str().and_then(process).and_then(|id| unfinished(path, id));
        if let Some(left) = found.filter(|left| is_file && (is_same(left, path) || is_abandoned(left))) {
            let _ = fs::remove_file(left);
        }
    }
}

/// Whether both are names of one file.
#[cfg(unix)]
fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(a), Ok(b)) = (fs::symlink_metadata(a), fs::symlink_metadata(b)) else { return false };
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(unix)]
fn has_other_names(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|data| data.nlink() > 1)
}

/// Elsewhere this cannot be told, and a second name stays.
#[cfg(not(unix))]
fn is_same(_: &Path, _: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn has_other_names(_: &Path) -> bool {
    false
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a file is a database in which nothing is, or the beginning of one, and nobody has it open.
fn is_abandoned(path: &Path) -> bool {
    let Ok(mut file) = File::options().read(true).write(true).open(path) else { return false };
    let mut first = Vec::new();
    let read = io::Read::read_to_end(&mut io::Read::take(&mut file, MAGIC.len() as u64), &mut first);
    if read.is_err() || file.try_lock().is_err() {
        return false;
    }
    drop(file);
    first.iter().all(|&byte| byte == 0) || first == MAGIC && is_empty(path).unwrap_or(false)
}

/// Whether a database file holds nothing at all.
fn is_empty(path: &Path) -> Result<bool> {
    guarded(|| {
        let database = Held(Some(Database::builder().open(path).map_err(opening)?));
        let transaction = database.get()?.begin_read().map_err(storage)?;
        for table in Table::ALL {
            match transaction.open_table(rows(table)) {
                Ok(table) if !table.is_empty().map_err(storage)? => return Ok(false),
                Ok(_) | Err(redb::TableError::TableDoesNotExist(_)) => {}
                Err(error) => return Err(storage(error)),
            }
        }
        Ok(true)
    })
}

/// How a database file begins. It is written last, so one that is not whole begins with zeros.
const MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// Makes the file whole before it gets its name, so that a process which is killed meanwhile leaves nothing behind that
/// cannot be opened. Where this fails, the file is made where it stands.
fn make(path: &Path) {
    let Some(new) = unfinished(path, std::process::id()) else { return };
    clear(path);
    if create(&new).is_ok() {
        // A link never takes the place of a file that another process has made by now.
        let linked = fs::hard_link(&new, path);
        if linked.is_ok() {
            // The name is on disk once its folder is.
            let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
        }
    }
    let _ = fs::remove_file(&new);
}

/// The file in which other content is made ready.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".rewriting");
    name.into()
}

fn file(error: io::Error) -> Error {
    Error::new(ErrorKind::Storage, "the database file cannot be read or written").because(error)
}

fn write_all(database: &Held, writes: &[Write<'_>]) -> Result<()> {
    let mut transaction = database.get()?.begin_write().map_err(storage)?;
    // The state of the allocator goes into each commit, so that opening after a kill does not walk the file.
    transaction.set_quick_repair(true);
    for part in writes.chunk_by(|a, b| a.table == b.table) {
        let mut table = transaction.open_table(rows(part[0].table)).map_err(storage)?;
        for write in part {
            match &write.value {
                Some(value) => table.insert(write.key, &**value).map_err(storage)?,
                None => table.remove(write.key).map_err(storage)?,
            };
        }
    }
    transaction.commit().map_err(storage)
}

fn opening(error: DatabaseError) -> Error {
    match error {
        DatabaseError::DatabaseAlreadyOpen => {
            Error::new(ErrorKind::Locked, "the database is open in another process: close that one first")
        }
        DatabaseError::UpgradeRequired(version) => Error::new(
            ErrorKind::NewerFormat,
            format!(
                "the database file has format {version}, which this library does not read: take a newer one"
            ),
        ),
        DatabaseError::Storage(StorageError::Corrupted(_)) => {
            Error::new(ErrorKind::Corrupt, "the file is damaged or is no stitchline database")
        }
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() == std::io::ErrorKind::InvalidData =>
        {
            Error::new(ErrorKind::Corrupt, "the file is no stitchline database").because(error)
        }
        other => storage(other),
    }
}

fn storage(error: impl Into<redb::Error>) -> Error {
    let error: redb::Error = error.into();
    match error {
        redb::Error::Corrupted(_) => {
            Error::new(ErrorKind::Corrupt, "the database file is damaged").because(error)
        }
        error => Error::new(ErrorKind::Storage, "the database file cannot be read or written").because(error),
    }
}

impl Store for EmbeddedStore {
    fn commit(&self, writes: &[Write<'_>]) -> Result<()> {
        guarded(|| write_all(&self.database(), writes))
    }

    /// A new file is written beside the old one and takes its name, since a file that is written to in place keeps
    /// old bytes in its free pages. The disk may keep them until it uses the space again, and so may copies.
    fn replace(
        &self,
        fill: &mut dyn FnMut(&mut dyn FnMut(&[Write<'_>]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let beside = beside(&self.path);
        let mut made = || -> Result<Held> {
            if beside.exists() {
                fs::remove_file(&beside).map_err(file)?;
            }
            let database = create(&beside)?;
            // Whoever could not read the old file cannot read the new one.
            fs::metadata(&self.path)
                .and_then(|old| fs::set_permissions(&beside, old.permissions()))
                .map_err(file)?;
            fill(&mut |writes| write_all(&database, writes))?;
            Ok(database)
        };
        let database = made().inspect_err(|_| _ = fs::remove_file(&beside))?;
        fs::rename(&beside, &self.path).map_err(file).inspect_err(|_| _ = fs::remove_file(&beside))?;
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(database);
        // The new name is on disk once its folder is; where that fails, the old file may come back after a crash.
        match self.path.parent() {
            Some(folder) => File::open(folder).and_then(|folder| folder.sync_all()).map_err(file),
            None => Ok(()),
        }
    }

    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        guarded(|| {
            let transaction = self.database().get()?.begin_read().map_err(storage)?;
            let table = transaction.open_table(rows(table)).map_err(storage)?;
            for &key in keys {
                let found = table.get(key).map_err(storage)?;
                take(key, found.as_ref().map(|value| value.value()))?;
            }
            Ok(())
        })
    }

    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        guarded(|| {
            let transaction = self.database().get()?.begin_read().map_err(storage)?;
            let table = transaction.open_table(rows(table)).map_err(storage)?;
            for row in table.range(from..).map_err(storage)? {
                let (key, value) = row.map_err(storage)?;
                if take(key.value(), value.value())?.is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    fn is_durable(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_database_that_was_being_made_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.stitchline");
        let left = |process: u32| unfinished(&path, process).unwrap();
        // Killed at different moments: at once, before it was whole, when it was, and when it had its name already.
        fs::write(left(1), b"").unwrap();
        fs::write(left(2), [0; 8192]).unwrap();
        drop(create(&left(3)).unwrap());
        // Still being made by somebody; the same process id as ours, of another time; and what is none of ours.
        let held = create(&left(4)).unwrap();
        fs::write(left(std::process::id()), [0; 8192]).unwrap();
        let beside = |name: &str| folder.path().join(name);
        let others = [".crm.stitchline.5.stitchline-new", ".crm.stitchline.x.stitchline-new"].map(beside);
        fs::write(&others[0], "a letter").unwrap();
        fs::write(&others[1], "").unwrap();
        // Whole databases, by whatever name.
        let whole = [".crm.stitchline.7.stitchline-new", "crm.stitchline.2026.new"].map(beside);
        for path in &whole {
            let held = create(path).unwrap();
            write_all(&held, &[Write::set(Table::Inputs, 0, vec![1])]).unwrap();
        }
        let there = |process: u32| left(process).exists();

        drop(EmbeddedStore::open(&path).unwrap());
        assert_eq!([1, 2, 3, 4, std::process::id()].map(there), [false, false, false, true, false]);
        assert!(others.iter().chain(&whole).all(|other| other.exists()));

        // A second name of the database itself goes; what is in it and all others stay.
        fs::hard_link(&path, left(6)).unwrap();
        drop(held);
        let store = EmbeddedStore::open(&path).unwrap();
        store.commit(&[Write::set(Table::Meta, 9, vec![1])]).unwrap();
        drop(store);
        assert_eq!([4, 6].map(there), [false, false]);
        assert!(others.iter().chain(&whole).all(|other| other.exists()));
        assert_eq!(EmbeddedStore::open(&path).unwrap().get(Table::Meta, 9).unwrap(), Some(vec![1]));
    }
}
