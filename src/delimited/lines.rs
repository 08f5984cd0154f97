//! Lines of any input in bounded memory, plain or gzip.

use crate::error::Damaged;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Cursor, Read};

/// What is read ahead to recognise compression and format.
const AHEAD: usize = 64 * 1024;
/// What is read at once where whole blocks are asked for.
const BLOCK: usize = 256 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const DAMAGED: &str =
    "the gzip data is damaged or cut off: get the file again (`gzip -t FILE` tells whether it is whole)";

/// The mark of byte order that some programs write before UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

type Ahead<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// An input with its compression taken off.
pub(crate) enum Body<R> {
    Plain(Ahead<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Ahead<R>>>>),
}

impl<R: Read> Body<R> {
    /// Looks at the first bytes of `read`.
    pub(crate) fn new(mut read: R) -> io::Result<Self> {
        let mut magic = Vec::with_capacity(2);
        fill(&mut read, &mut magic, 2)?;
        let gzip = magic == GZIP;
        let whole = Cursor::new(magic).chain(read);
        Ok(if gzip {
            Body::Gzip(Box::new(MultiGzDecoder::new(BufReader::new(whole))))
        } else {
            Body::Plain(whole)
        })
    }
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Body::Plain(read) => read.read(buffer),
            Body::Gzip(read) => read.read(buffer).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                    io::Error::new(io::ErrorKind::InvalidData, Damaged(DAMAGED))
                }
                _ => error,
            }),
        }
    }
}

fn fill(read: &mut impl Read, into: &mut Vec<u8>, bytes: usize) -> io::Result<()> {
    let wanted = bytes.saturating_sub(into.len());
    read.take(wanted as u64).read_to_end(into).map(|_| ())
}

/// What [`Lines::advance`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A line, to be had from [`Lines::line`].
    Line,
    /// A line above the limit; it was skipped.
    TooLong,
    /// Nothing more.
    End,
}

/// Splits an input into lines with one buffer, whatever the input.
pub(crate) struct Lines<R> {
    read: R,
    max: usize,
    buffer: Vec<u8>,
    /// How long it becomes for blocks.
    block: usize,
    /// What of the buffer is not yet given out.
    from: usize,
    to: usize,
    /// The current line where it did not lie in the buffer as a whole.
    spill: Vec<u8>,
    spilled: bool,
    line: (usize, usize),
    number: u64,
    /// Bytes of all lines so far that were not too long.
    passed: u64,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(read: R, max: usize) -> Self {
        Lines {
            read,
            max: max.max(1),
            buffer: vec![0; AHEAD],
            block: BLOCK,
            from: 0,
            to: 0,
            spill: Vec::new(),
            spilled: false,
            line: (0, 0),
            number: 0,
            passed: 0,
            ended: false,
        }
    }

    /// The first bytes of the input, as many as fit the buffer. Only before the first line.
    pub(crate) fn ahead(&mut self) -> io::Result<&[u8]> {
        while self.to < self.buffer.len() && !self.ended {
            self.more()?;
        }
        Ok(&self.buffer[self.from..self.to])
    }

    /// Passes over a mark of byte order.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.from = (self.from + bytes).min(self.to);
    }

    /// Reads on behind what the buffer holds.
    fn more(&mut self) -> io::Result<()> {
        loop {
            match self.read.read(&mut self.buffer[self.to..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.to += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// The lines behind the current one that are in the buffer as a whole, with their line ends. None where the next one
    /// does not fit, or has no line end. The current line is lost.
    pub(crate) fn block(&mut self) -> io::Result<&[u8]> {
        self.spilled = false;
        self.line = (0, 0);
        loop {
            let rest = &self.buffer[self.from..self.to];
            if let Some(last) = memchr::memrchr(b'\n', rest) {
                return Ok(&self.buffer[self.from..=self.from + last]);
            }
            if self.ended || rest.len() >= self.block.max(self.buffer.len()) {
                return Ok(&[]);
            }
            self.buffer.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
            if self.buffer.len() < self.block {
                self.buffer.resize(self.block, 0);
            }
            self.more()?;
        }
    }

    /// Goes behind the first lines of the [block](Lines::block), which are so many with so many bytes.
    pub(crate) fn pass(&mut self, lines: u64, bytes: usize) {
        self.from = (self.from + bytes).min(self.to);
        self.number += lines;
        self.passed += (bytes as u64).saturating_sub(lines);
    }

    /// Goes to the next line, without its line end.
    pub(crate) fn advance(&mut self) -> io::Result<Found> {
        self.spill.clear();
        self.spilled = false;
        let mut too_long = false;
        loop {
            let rest = &self.buffer[self.from..self.to];
            if let Some(length) = memchr::memchr(b'\n', rest) {
                let from = self.from;
                self.from += length + 1;
                self.number += 1;
                return Ok(self.finish(from, from + length, too_long));
            }
            if self.ended {
                let from = std::mem::replace(&mut self.from, self.to);
                if from == self.to && !self.spilled && !too_long {
                    return Ok(Found::End);
                }
                self.number += 1;
                return Ok(self.finish(from, self.to, too_long));
            }
            if self.to == self.buffer.len() || self.from == self.to {
                too_long |= self.spill.len() + rest.len() > self.max + 1;
                if too_long {
                    self.spill.clear();
                } else if !rest.is_empty() {
                    self.spill.extend_from_slice(rest);
                    self.spilled = true;
                }
                self.from = 0;
                self.to = 0;
            }
            self.more()?;
        }
    }

    fn finish(&mut self, from: usize, to: usize, too_long: bool) -> Found {
        if self.spilled && !too_long {
            self.spill.extend_from_slice(&self.buffer[from..to]);
        }
        self.line = (from, to);
        if too_long || self.line().len() > self.max {
            return Found::TooLong;
        }
        self.passed += self.line().len() as u64;
        Found::Line
    }

    /// The current line.
    pub(crate) fn line(&self) -> &[u8] {
        let line = if self.spilled { &self.spill } else { &self.buffer[self.line.0..self.line.1] };
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// About how many bytes all lines so far have, without those that were too long.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// The number of the current line, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

#[cfg(test)]
impl<R> Lines<R> {
    /// Blocks of so many bytes.
    pub(crate) fn set_block(&mut self, bytes: usize) {
        self.buffer.truncate(bytes);
        self.block = bytes;
    }
}

/// Gives out a few bytes at a time.
#[cfg(test)]
pub(crate) struct Slow<'a>(pub(crate) &'a [u8], pub(crate) usize);

#[cfg(test)]
impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(read: impl Read, max: usize, buffer: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = Lines::new(read, max);
        lines.buffer = vec![0; buffer];
        let mut found = Vec::new();
        loop {
            match lines.advance().unwrap() {
                Found::End => return found,
                Found::Line => found.push((lines.number(), Some(lines.line().to_vec()))),
                Found::TooLong => found.push((lines.number(), None)),
            }
            assert!(lines.spill.len() <= max + 1 + buffer);
        }
    }

    proptest! {
        #[test]
        fn equals_splitting_the_whole(
            text in "[ab\r\n]{0,80}", max in 1usize..12, buffer in 1usize..20, step in 1usize..20,
        ) {
            let mut expected: Vec<&str> = text.split('\n').collect();
            if expected.last() == Some(&"") { expected.pop(); }
            let expected: Vec<_> = (1..).zip(expected).map(|(number, line)| {
                let line = line.strip_suffix('\r').unwrap_or(line).as_bytes().to_vec();
                (number, (line.len() <= max).then_some(line))
            }).collect();
            prop_assert_eq!(all(Slow(text.as_bytes(), step), max, buffer), expected);
        }
    }

    #[test]
    fn damaged_gzip_is_told() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&b"line\n".repeat(1000)).unwrap();
        let whole = gzip.finish().unwrap();
        let (mut bent, short) = (whole.clone(), &whole[..whole.len() - 9]);
        bent[12] ^= 0xff;
        for bytes in [short, &bent, &whole[..2]] {
            let error = Body::new(bytes).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
            assert!(crate::Error::from(error).reason().contains("gzip data is damaged or cut off"));
        }
    }

    #[test]
    fn gzip_is_taken_off() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"one\ntwo").unwrap();
        let two_members = [gzip.finish().unwrap(), {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(b" more\n").unwrap();
            gzip.finish().unwrap()
        }]
        .concat();
        let mut text = String::new();
        Body::new(two_members.as_slice()).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo more\n");
        for short in ["", "a", "ab"] {
            let mut text = String::new();
            Body::new(short.as_bytes()).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, short);
        }
    }
}
