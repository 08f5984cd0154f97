//! What is told of each row without its text: words made of its values, side by side.

use super::{
    bind::Comparisons,
    check::TextOf,
    digest::{Digest, prefix},
    feature::{Feature, any_order, local_part},
};
use crate::ahead::{self, LINE};

/// What a word, or two side by side, is made of.
#[derive(PartialEq)]
pub(super) enum Word {
    /// The number of a column's value.
    Symbol(usize),
    /// The digest of a text; two words where any has digits.
    Text(TextOf, bool),
    /// The first characters of a text.
    Prefix(TextOf),
    Days(usize, usize),
    AnyOrderDate(usize),
    Code(usize, usize),
    Nicknames(usize, usize),
    Words(usize, usize),
    Mapped(usize, usize),
}

impl Word {
    /// How many words it takes.
    pub(super) fn width(&self) -> usize {
        if matches!(self, Word::Text(_, true)) { 2 } else { 1 }
    }

    fn column(&self) -> usize {
        match *self {
            Word::Symbol(column)
            | Word::Text(TextOf { column, .. }, _)
            | Word::Prefix(TextOf { column, .. })
            | Word::Days(column, _)
            | Word::AnyOrderDate(column)
            | Word::Code(column, _)
            | Word::Nicknames(column, _)
            | Word::Words(column, _)
            | Word::Mapped(column, _) => column,
        }
    }

    /// What it is for the values of its column from one on, to the first places of `out`.
    fn tell<'o>(&self, comparisons: &Comparisons<'_>, from: usize, out: impl Iterator<Item = &'o mut [u32]>) {
        fn each<'o, T>(
            values: &[T],
            from: usize,
            out: impl Iterator<Item = &'o mut [u32]>,
            word: impl Fn(&T) -> u32,
        ) {
            let values = values.get(from..).unwrap_or_default();
            out.zip(values).for_each(|(out, value)| out[0] = word(value));
        }
        let feature = |feature: usize| &comparisons.features[feature];
        let texts = |column: usize| {
            let values = comparisons.table.columns()[column].values();
            (from as u32..).map(|symbol| values.text(symbol))
        };
        let parts =
            |of: TextOf| texts(of.column).map(move |text| if of.local { local_part(text) } else { text });
        match *self {
            // Stands in the rows as it is.
            Word::Symbol(_) => {}
            Word::Text(of, true) => out.zip(parts(of)).for_each(|(out, text)| {
                let digest = Digest::of(text);
                (out[0], out[1]) = (digest.letters, digest.digits);
            }),
            Word::Text(of, false) => {
                out.zip(parts(of)).for_each(|(out, text)| out[0] = Digest::of(text).letters);
            }
            Word::Prefix(of) => out.zip(parts(of)).for_each(|(out, text)| out[0] = prefix(text)),
            Word::AnyOrderDate(column) => {
                out.zip(texts(column)).for_each(|(out, text)| out[0] = any_order(text));
            }
            Word::Days(_, at) => {
                if let Feature::Dates(dates) = feature(at) {
                    each(dates, from, out, |date| date.map_or(0, |(_, day)| day + 1));
                }
            }
            Word::Code(_, at) => {
                if let Feature::Code(codes) = feature(at) {
                    each(codes, from, out, |&code| code);
                }
            }
            Word::Nicknames(_, at) => {
                if let Feature::Nicknames(groups) = feature(at) {
                    let bit = |group: &u16| 1u32 << (group % 32);
                    each(groups, from, out, |groups| groups.iter().map(bit).fold(0, |bits, bit| bits | bit));
                }
            }
            Word::Words(_, at) => {
                if let Feature::Words(words) = feature(at) {
                    let bit = |word: &u32| 1u32 << (word.wrapping_mul(0x9e37_79b1) >> 27);
                    each(words, from, out, |words| words.iter().map(bit).fold(0, |bits, bit| bits | bit));
                }
            }
            Word::Mapped(column, other) => {
                let mut checks = comparisons.bound.iter().flat_map(|bound| &bound.checks);
                let map = checks.find_map(|check| check.map_of(column, other));
                each(map.unwrap_or_default(), from, out, |&number| number);
            }
        }
    }
}

/// Whether any text of a column, or of the parts before the `@`, has digits.
pub(super) fn have_digits(comparisons: &Comparisons<'_>, of: TextOf) -> bool {
    let has = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let mut texts = comparisons.table.columns()[of.column].values().texts();
    texts.any(|text| has(if of.local { local_part(text) } else { text }))
}

/// Values of which all words are made, one after the other.
const VALUES: usize = 256;

/// The words of a column's values.
struct Told {
    column: usize,
    /// Where they begin in a row; the value's number stands first.
    first: usize,
    /// How many there are beside the number.
    width: usize,
    /// Those of each value, side by side.
    values: Vec<u32>,
}

impl Told {
    /// Of words that stand side by side from `first` on, after the number.
    fn of(comparisons: &Comparisons<'_>, words: &[Word], column: usize, first: usize) -> Self {
        let width: usize = words.iter().map(Word::width).sum();
        let mut values = vec![0; comparisons.table.columns()[column].values().len() * width];
        for (from, some) in (0..).step_by(VALUES).zip(values.chunks_mut((VALUES * width).max(1))) {
            let mut at = 0;
            for word in words {
                word.tell(comparisons, from, some.chunks_exact_mut(width).map(|value| &mut value[at..]));
                at += word.width();
            }
        }
        Told { column, first, width, values }
    }

    /// Puts the words of rows' values into the rows.
    fn put<'r>(&self, rows: impl Iterator<Item = (&'r mut [u32], u32)>) {
        match self.width {
            0 => rows.for_each(|(row, cell)| row[self.first] = cell),
            1 => self.put_all::<1>(rows),
            2 => self.put_all::<2>(rows),
            3 => self.put_all::<3>(rows),
            4 => self.put_all::<4>(rows),
            5 => self.put_all::<5>(rows),
            6 => self.put_all::<6>(rows),
            width => rows.for_each(|(row, cell)| {
                row[self.first] = cell;
                if let Some(words) = self.values.get(cell as usize * width..) {
                    row[self.first + 1..][..width].copy_from_slice(&words[..width]);
                }
            }),
        }
    }

    /// [`Told::put`] where there are `N` words.
    fn put_all<'r, const N: usize>(&self, rows: impl Iterator<Item = (&'r mut [u32], u32)>) {
        let values = self.values.as_chunks::<N>().0;
        for (row, cell) in rows {
            if let Some(([number], words)) =
                row.get_mut(self.first..).and_then(<[u32]>::split_first_chunk_mut)
                && let (Some(words), Some(value)) = (words.first_chunk_mut(), values.get(cell as usize))
            {
                (*number, *words) = (cell, *value);
            }
        }
    }
}

/// Puts words in the order of their columns, each column's number first, and gives the place of each.
pub(super) fn placed(words: &mut Vec<Word>, columns: usize) -> Vec<usize> {
    words.retain(|word| !matches!(word, Word::Symbol(_)));
    words.extend((0..columns).map(Word::Symbol));
    words.sort_by_key(|word| (word.column(), !matches!(word, Word::Symbol(_))));
    let mut next = 0;
    let place = |word: &Word| {
        next += word.width();
        next - word.width()
    };
    words.iter().map(place).collect()
}

/// Rows whose words are made together, one column after the other.
const ROWS: usize = 128;
/// Rows of a piece of memory: much smaller than all of them, so that it finds room where other things were before.
const PIECE: usize = 1 << 15;

/// The words of all rows.
pub(super) struct Rows {
    pieces: Vec<Piece>,
    width: usize,
    /// The bits of a place that tell where in its piece it is.
    within: u32,
}

/// Rows side by side, from a place that is the beginning of a line of memory.
struct Piece {
    words: Vec<u32>,
    first: usize,
}

impl Rows {
    /// `width` words for each row, of which these are at these places: [`placed`]. O(rows × words) and once for each distinct
    /// value its text.
    pub(super) fn new(comparisons: &Comparisons<'_>, words: &[Word], places: &[usize], width: usize) -> Self {
        let table = comparisons.table;
        let of_columns = words.chunk_by(|one, next| one.column() == next.column());
        let mut firsts = places.iter().zip(words).filter(|(_, word)| matches!(word, Word::Symbol(_)));
        let mut told: Vec<Told> = Vec::with_capacity(table.width());
        for (words, (&first, _)) in of_columns.zip(firsts.by_ref()) {
            told.push(Told::of(comparisons, &words[1..], words[0].column(), first));
        }
        let piece = |cells: &[u32]| {
            let (mut words, first) = ahead::in_lines(cells.len() / table.width() * width);
            let some = words[first..].chunks_mut((width * ROWS).max(1));
            for (cells, rows) in cells.chunks(table.width() * ROWS).zip(some) {
                for told in &told {
                    let cells = cells.iter().skip(told.column).step_by(table.width());
                    told.put(rows.chunks_exact_mut(width).zip(cells.copied()));
                }
            }
            Piece { words, first }
        };
        let pieces = table.cells().chunks((table.width() * PIECE).max(1)).map(piece).collect();
        let within = (PIECE * width).next_power_of_two().trailing_zeros();
        Rows { pieces, width, within }
    }

    /// Where the words of a row are.
    #[inline]
    pub(super) fn place(&self, row: u32) -> usize {
        let row = row as usize;
        let (piece, within) = (row / PIECE, row % PIECE * self.width);
        (piece << self.within) | within
    }

    /// The piece of a place, and where it is in it.
    #[inline(always)]
    fn piece(&self, place: usize) -> (&Piece, usize) {
        let piece = &self.pieces[place >> self.within];
        (piece, piece.first + (place & ((1 << self.within) - 1)))
    }

    /// The words at a place.
    #[inline(always)]
    pub(super) fn at(&self, place: usize) -> &[u32] {
        let (piece, from) = self.piece(place);
        &piece.words[from..from + self.width]
    }

    /// One of the words at a place.
    #[inline(always)]
    pub(super) fn word(&self, place: usize, word: usize) -> u32 {
        let (piece, from) = self.piece(place);
        piece.words[from + word]
    }

    /// Reads ahead the words at a place, without waiting for them.
    #[inline(always)]
    pub(super) fn fetch(&self, place: usize) {
        let (piece, from) = self.piece(place);
        for line in (0..self.width).step_by(LINE) {
            ahead::fetch(&piece.words, from + line);
        }
    }
}
