//! The store in one file on disk (redb: copy-on-write B-trees, checksums, one fsync a commit).

use super::{Store, Table, Write};
use crate::error::{Error, ErrorKind, Result};
use redb::{Database, DatabaseError, ReadableDatabase, StorageError, TableDefinition};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
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
    database: Database,
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
            Self::make(path);
        }
        Self::open_file(path)
    }

    /// Makes the file whole before it gets its name, so that a process which is killed meanwhile leaves nothing behind
    /// that cannot be opened. Where this fails, the file is made where it stands.
    fn make(path: &Path) {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let new = PathBuf::from(name);
        if Self::open_file(&new).is_ok() {
            // A link never takes the place of a file that another process has made by now.
            let _ = fs::hard_link(&new, path);
        }
        let _ = fs::remove_file(&new);
    }

    fn open_file(path: &Path) -> Result<Self> {
        // What is hot lives in the engine's own memory; the cache serves payloads and the change feed.
        let database = Database::builder().set_cache_size(512 << 20).create(path).map_err(opening)?;
        let setup = database.begin_write().map_err(storage)?;
        for table in Table::ALL {
            setup.open_table(rows(table)).map_err(storage)?;
        }
        setup.commit().map_err(storage)?;
        Ok(EmbeddedStore { database })
    }
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
        let mut transaction = self.database.begin_write().map_err(storage)?;
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

    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        let transaction = self.database.begin_read().map_err(storage)?;
        let table = transaction.open_table(rows(table)).map_err(storage)?;
        for &key in keys {
            let found = table.get(key).map_err(storage)?;
            take(key, found.as_ref().map(|value| value.value()))?;
        }
        Ok(())
    }

    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let transaction = self.database.begin_read().map_err(storage)?;
        let table = transaction.open_table(rows(table)).map_err(storage)?;
        for row in table.range(from..).map_err(storage)? {
            let (key, value) = row.map_err(storage)?;
            if take(key.value(), value.value())?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn is_durable(&self) -> bool {
        true
    }
}
