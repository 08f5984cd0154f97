//! Sorting by time in bounded memory: entries in any order in, the same in order out, over temporary files when many.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// How many bytes wait in memory before they go to a temporary file.
const LIMIT: usize = 48 << 20;

/// Entries of `N` texts each, to be read in the order of their times; entries of one time stay in the order given.
#[derive(Debug)]
pub(crate) struct Sorted<const N: usize> {
    folder: PathBuf,
    /// Temporary files are named after it.
    name: &'static str,
    limit: usize,
    texts: Vec<u8>,
    waiting: Vec<Entry<N>>,
    runs: Vec<PathBuf>,
    next: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry<const N: usize> {
    time: i64,
    sequence: u64,
    start: usize,
    lengths: [u32; N],
}

impl<const N: usize> Sorted<N> {
    pub(crate) fn new(folder: &Path, name: &'static str) -> Self {
        let folder = folder.to_owned();
        Self { folder, name, limit: LIMIT, texts: Vec::new(), waiting: Vec::new(), runs: Vec::new(), next: 0 }
    }

    pub(crate) fn push(&mut self, time: i64, parts: [&[u8]; N]) -> io::Result<()> {
        let start = self.texts.len();
        for part in parts {
            self.texts.extend_from_slice(part);
        }
        let lengths = parts.map(|p| p.len() as u32);
        self.waiting.push(Entry { time, sequence: self.next, start, lengths });
        self.next += 1;
        let held = self.texts.len() + self.waiting.len() * size_of::<Entry<N>>();
        if held >= self.limit { self.spill() } else { Ok(()) }
    }

    /// Writes what waits to a temporary file, in order.
    fn spill(&mut self) -> io::Result<()> {
        let path = self.folder.join(format!(".{}.{}.sorting", self.name, self.runs.len()));
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&path)?);
        self.runs.push(path);
        self.waiting.sort_unstable_by_key(|e| (e.time, e.sequence));
        for e in &self.waiting {
            out.write_all(&e.time.to_le_bytes())?;
            out.write_all(&e.sequence.to_le_bytes())?;
            for length in e.lengths {
                out.write_all(&length.to_le_bytes())?;
            }
            let sum: usize = e.lengths.iter().map(|&l| l as usize).sum();
            out.write_all(&self.texts[e.start..e.start + sum])?;
        }
        out.flush()?;
        self.texts.clear();
        self.waiting.clear();
        Ok(())
    }

    /// Hands every entry to `visit`, in order.
    pub(crate) fn finish(mut self, mut visit: impl FnMut([&[u8]; N]) -> io::Result<()>) -> io::Result<()> {
        if self.runs.is_empty() {
            self.waiting.sort_unstable_by_key(|e| (e.time, e.sequence));
            for e in &self.waiting {
                visit(split(&self.texts[e.start..], e.lengths))?;
            }
            return Ok(());
        }
        self.spill()?;
        (self.texts, self.waiting) = (Vec::new(), Vec::new());
        let mut runs = Vec::with_capacity(self.runs.len());
        for path in &self.runs {
            runs.push(Run::<N> {
                input: BufReader::with_capacity(1 << 18, File::open(path)?),
                lengths: [0; N],
                text: Vec::new(),
            });
        }
        let mut heap = BinaryHeap::new();
        for (i, run) in runs.iter_mut().enumerate() {
            heap.extend(run.advance()?.map(|key| Reverse((key, i))));
        }
        while let Some(Reverse((_, i))) = heap.pop() {
            visit(split(&runs[i].text, runs[i].lengths))?;
            heap.extend(runs[i].advance()?.map(|key| Reverse((key, i))));
        }
        Ok(())
    }
}

impl<const N: usize> Drop for Sorted<N> {
    fn drop(&mut self) {
        for path in &self.runs {
            // Nothing is lost when a temporary file stays.
            let _ = fs::remove_file(path);
        }
    }
}

fn split<const N: usize>(mut text: &[u8], lengths: [u32; N]) -> [&[u8]; N] {
    lengths.map(|length| {
        let (part, rest) = text.split_at(length as usize);
        text = rest;
        part
    })
}

/// A temporary file that is being read, with its entry at hand.
struct Run<const N: usize> {
    input: BufReader<File>,
    lengths: [u32; N],
    text: Vec<u8>,
}

impl<const N: usize> Run<N> {
    /// Reads the next entry and returns its time and sequence number; none at the end.
    fn advance(&mut self) -> io::Result<Option<(i64, u64)>> {
        if io::BufRead::fill_buf(&mut self.input)?.is_empty() {
            return Ok(None);
        }
        let mut eight = [0; 8];
        self.input.read_exact(&mut eight)?;
        let time = i64::from_le_bytes(eight);
        self.input.read_exact(&mut eight)?;
        for length in &mut self.lengths {
            let mut four = [0; 4];
            self.input.read_exact(&mut four)?;
            *length = u32::from_le_bytes(four);
        }
        self.text.resize(self.lengths.iter().map(|&l| l as usize).sum(), 0);
        self.input.read_exact(&mut self.text)?;
        Ok(Some((time, u64::from_le_bytes(eight))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn sorted(limit: usize, folder: &Path) -> Vec<(String, String)> {
        let mut s = Sorted::<2>::new(folder, "test");
        s.limit = limit;
        let mut rng = Rng::stream(1, 0, 0);
        for i in 0..2_000 {
            let time = rng.between(0, 300);
            s.push(time, [format!("{time:05}").as_bytes(), format!("{i:05}").as_bytes()]).unwrap();
        }
        let mut out = Vec::new();
        let text = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
        s.finish(|[a, b]| {
            out.push((text(a), text(b)));
            Ok(())
        })
        .unwrap();
        out
    }

    #[test]
    fn files_and_memory_give_one_order() {
        let folder = tempfile::tempdir().unwrap();
        let in_memory = sorted(usize::MAX, folder.path());
        assert!(in_memory.is_sorted() && in_memory.len() == 2_000);
        assert_eq!(sorted(5_000, folder.path()), in_memory);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no temporary file stays");
    }
}
