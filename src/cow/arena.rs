//! Texts stored back to back in pages that copies share.

use std::sync::Arc;

/// With the two counters before it a page fills what allocators hand out.
const PAGE: usize = (16 << 10) - 16;
const ALIGN: usize = 4;

/// Where a text stands in its arena. At most 64 KiB long. Packed, so that rows which hold one are four bytes smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C, packed(2))]
pub(crate) struct Text {
    /// In units of four bytes.
    pub(crate) at: u32,
    pub(crate) len: u16,
}

/// Texts that are appended and never changed, up to 16 GiB in all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arena {
    /// Zeros behind what is used.
    pages: Vec<Arc<[u8]>>,
    /// Bytes of the last page that are used.
    used: usize,
}

impl Arena {
    /// Stores a text; none where it is longer than 64 KiB or the arena is full.
    pub(crate) fn push(&mut self, text: &str) -> Option<Text> {
        let len = u16::try_from(text.len()).ok()?;
        let room = self.pages.last().map_or(0, |page| page.len().min(PAGE).saturating_sub(self.used));
        if room < text.len() {
            // A text longer than a page takes several, of which all but the last stay empty to keep numbers regular.
            let pages = text.len().div_ceil(PAGE).max(1);
            for _ in 1..pages {
                self.pages.push(Arc::default());
            }
            self.pages.push(std::iter::repeat_n(0, pages * PAGE).collect());
            self.used = 0;
        }
        let at = u32::try_from(((self.pages.len() - 1) * PAGE + self.used) / ALIGN).ok()?;
        let page = Arc::make_mut(self.pages.last_mut()?);
        page.get_mut(self.used..self.used + text.len())?.copy_from_slice(text.as_bytes());
        self.used = (self.used + text.len()).next_multiple_of(ALIGN);
        Some(Text { at, len })
    }

    /// The text; empty where `text` is not of this arena.
    pub(crate) fn get(&self, text: Text) -> &str {
        std::str::from_utf8(self.bytes_of(text)).unwrap_or_default()
    }

    /// The bytes of the text, without the check that they are UTF-8.
    pub(crate) fn bytes_of(&self, text: Text) -> &[u8] {
        let at = text.at as usize * ALIGN;
        let bytes =
            self.pages.get(at / PAGE).and_then(|page| page.get(at % PAGE..at % PAGE + usize::from(text.len)));
        bytes.unwrap_or_default()
    }

    /// What is used of the pages, in order.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &[u8]> {
        let last = self.pages.len().saturating_sub(1);
        let used = move |number: usize, len: usize| if number == last { self.used.min(len) } else { len };
        self.pages.iter().enumerate().map(move |(number, page)| &page[..used(number, page.len())])
    }

    /// Appends a page that [`Self::pages`] gave.
    pub(crate) fn push_page(&mut self, page: &[u8]) {
        self.used = page.len();
        let room = if page.is_empty() { 0 } else { page.len().next_multiple_of(PAGE) };
        self.pages.push(page.iter().copied().chain(std::iter::repeat_n(0, room - page.len())).collect());
    }

    /// Bytes of memory held, shared or not.
    pub(crate) fn bytes(&self) -> usize {
        self.pages.iter().map(|page| page.len() + 32).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let mut arena = Arena::default();
        let texts: Vec<String> =
            (0..5000).map(|i| "é".repeat(i % 90) + &i.to_string()).chain(["x".repeat(40_000)]).collect();
        let stored: Vec<Text> = texts.iter().map(|text| arena.push(text).unwrap()).collect();
        let kept = arena.clone();
        arena.push("later").unwrap();
        for (text, &at) in texts.iter().zip(&stored) {
            assert_eq!(arena.get(at), text);
            assert_eq!(kept.get(at), text);
        }
        let mut again = Arena::default();
        arena.pages().for_each(|page| again.push_page(page));
        let next = again.push("more").unwrap();
        assert_eq!(again.get(next), "more");
        for (text, at) in texts.iter().zip(&stored) {
            assert_eq!(again.get(*at), text);
        }
        assert!(arena.push(&"x".repeat(70_000)).is_none());
        assert_eq!(Arena::default().get(Text { at: 9, len: 3 }), "");
    }
}
