//! From rules to blocks, and for each row in which it is.

use super::{
    Between, BlockingRule, Key,
    alike::Alike,
    alone::Alone,
    group::{Blocks, group},
    partners::Partners,
    values::{Entries, Places, Room, Values, pair_count},
    window::Window,
};
use crate::{
    error::{Error, Result},
    table::Table,
};
use serde::Serialize;

/// The blocks of a table under a list of rules.
#[derive(Debug)]
pub struct Blocking<'a> {
    pub(super) partners: Partners<'a>,
    reports: Vec<RuleReport>,
}

/// Which rows a rule takes together.
#[derive(Debug)]
pub(super) enum By {
    /// Those of a block.
    Blocks(Blocks),
    /// Those that are near in the order of the keys.
    Window(Window),
}

impl By {
    /// The blocks, where it is these.
    pub(super) fn blocks(&self) -> Option<&Blocks> {
        if let By::Blocks(blocks) = self { Some(blocks) } else { None }
    }

    /// The window, where it is one.
    fn window(&self) -> Option<&Window> {
        if let By::Window(window) = self { Some(window) } else { None }
    }
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// The rule's keys.
    pub rule: String,
    /// Pairs within its blocks, also those that an earlier rule gives already.
    pub pairs: u64,
    /// Blocks of two rows and more; windows where it has such.
    pub blocks: u64,
    /// The rows of its largest block or window.
    pub largest: u64,
    /// Blocks that were split since they had more rows than the limit.
    pub split: u64,
    /// Blocks that were too large even when split, and so are left out of this rule.
    pub left_out: u64,
    /// The pairs of those.
    pub pairs_left_out: u64,
}

impl RuleReport {
    fn new(rule: String) -> Self {
        RuleReport { rule, pairs: 0, blocks: 0, largest: 0, split: 0, left_out: 0, pairs_left_out: 0 }
    }

    /// Counts a block of so many rows.
    #[inline]
    pub(super) fn count(&mut self, rows: usize) {
        self.pairs += pair_count(rows as u64);
        self.largest = self.largest.max(rows as u64);
    }
}

/// Makes the blocks of one rule after the other, so that whether a rule is taken can depend on what it gives.
///
/// ```
/// use stitchline::block::{Between, BlockingRule, Planner};
/// use stitchline::table::{ColumnSpec, Kind, RawTable, Table};
///
/// let mut raw = RawTable::new(["name", "city"])?;
/// for (id, name) in [("1", "lee"), ("2", "lee"), ("3", "stone")] {
///     raw.push("crm", id, &[name, "york"])?;
/// }
/// let columns = [ColumnSpec::new("name", Kind::FamilyName), ColumnSpec::new("city", Kind::Place)];
/// let table = Table::prepare(raw, &columns)?;
/// let mut planner = Planner::new(&table, &[], 100);
/// assert_eq!(planner.add_if_few(&BlockingRule::on(["city"])?, 2)?, None);
/// assert_eq!(planner.add_if_few(&BlockingRule::on(["name"])?, 2)?, Some(1));
/// assert_eq!(planner.finish(Between::All)?.all_pairs(), [(0, 1)]);
/// # Ok::<(), stitchline::Error>(())
/// ```
pub struct Planner<'a> {
    values: Values<'a>,
    split_by: Vec<Key>,
    largest: usize,
    rules: Vec<By>,
    reports: Vec<RuleReport>,
    /// What the rows of each rule have in common; none of a window.
    common: Vec<Option<Common>>,
    /// The values of the rule in work.
    entries: Entries,
    /// Which of these are equal.
    alike: Alike,
    begins: Vec<u32>,
}

impl std::fmt::Debug for Planner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planner").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

/// Limits that are tried.
const LIMITS: [usize; 8] = [15, 25, 35, 50, 70, 100, 140, 200];

/// The part of the rows whose pairs are counted first: one in so many.
const PART: usize = 4;

/// Pairs of which it is known whether an earlier rule gives them, for an estimate.
const SAMPLE: u64 = 20_000;

/// The pair of a block of this number.
fn pair_at(block: &[u32], mut number: u64) -> (u32, u32) {
    let mut first = 0;
    loop {
        let others = (block.len() - first - 1) as u64;
        if number < others {
            return (block[first], block[first + 1 + number as usize]);
        }
        number -= others;
        first += 1;
    }
}

/// What rows have in common by a rule.
enum Common {
    /// The value of a column.
    Column(usize),
    /// A value of keys.
    Keys(Places),
}

impl<'a> Planner<'a> {
    /// No rule yet. `split_by` are the keys by which blocks of more than `largest` rows are split, in this order and
    /// as far as need be; a rule's own keys are left out of them.
    pub fn new(table: &'a Table, split_by: &[Key], largest: usize) -> Self {
        Planner {
            values: Values::new(table),
            split_by: split_by.to_vec(),
            largest: largest.max(2),
            rules: Vec::new(),
            reports: Vec::new(),
            common: Vec::new(),
            entries: Entries::default(),
            alike: Alike::default(),
            begins: Vec::new(),
        }
    }

    /// Adds a rule; gives the pairs of its blocks, those of several blocks counted for each. O(values of rows).
    ///
    /// # Errors
    /// Where it has no key, a key cannot be made, or it names a column that the table has not.
    pub fn add(&mut self, rule: &BlockingRule) -> Result<u64> {
        if let Some((made, report)) = self.window(rule)? {
            return Ok(self.take(By::Window(made), report, None));
        }
        if let Some((alone, common)) = self.alone(rule, u64::MAX)? {
            return Ok(self.take_alone(rule, alone, common));
        }
        let places = self.places(rule)?;
        self.find(&places, self.values.table().len(), u64::MAX)?;
        let (made, report) = self.made(rule)?;
        Ok(self.take(By::Blocks(made), report, Some(Common::Keys(places))))
    }

    /// Adds a rule if it gives some pairs and at most so many without any block being split; gives their number. Takes
    /// less time for a rule that gives far too many.
    ///
    /// # Errors
    /// As [`Planner::add`].
    pub fn add_if_few(&mut self, rule: &BlockingRule, most: u64) -> Result<Option<u64>> {
        let few = |pairs: u64| (1..=most).contains(&pairs);
        if let Some((made, report)) = self.window(rule)? {
            return Ok(few(report.pairs).then(|| self.take(By::Window(made), report, None)));
        }
        if let Some((alone, common)) = self.alone(rule, most)? {
            return Ok(few(alone.pairs).then(|| self.take_alone(rule, alone, common)));
        }
        let places = self.places(rule)?;
        // Most rules are known to be too loose by a part of the rows.
        let rows = self.values.table().len();
        if self.find(&places, rows / PART, most)? > most {
            return Ok(None);
        }
        let pairs = self.find(&places, rows, most)?;
        if !few(pairs) {
            return Ok(None);
        }
        let (made, report) = self.made(rule)?;
        self.take(By::Blocks(made), report, Some(Common::Keys(places)));
        Ok(Some(pairs))
    }

    /// Whether each of the table's values in this column is in so few rows that a rule of the column alone has some pairs and at
    /// most so many, and no block to split: rules of this key and others give none beside.
    pub(crate) fn covers(&mut self, key: &Key, most: u64) -> Result<bool> {
        let Key::Column(_) = key else { return Ok(false) };
        let alone = self.alone(&BlockingRule::new(vec![key.clone()]), most)?;
        Ok(alone.is_some_and(|(alone, _)| (1..=most).contains(&alone.pairs)))
    }

    /// Adds a rule with the greatest limit to its blocks, its own at most, with which they give about so many pairs at most
    /// that no rule before gives; gives the rule as it was added, and how many these are about. None where it gives no pair, or too
    /// many even in small blocks. A window is taken as it is or not at all.
    ///
    /// These are counted on a sample of pairs.
    ///
    /// # Errors
    /// As [`Planner::add`].
    pub fn add_within(&mut self, rule: &BlockingRule, most: u64) -> Result<Option<(BlockingRule, u64)>> {
        if let Some((made, report)) = self.window(rule)? {
            let pairs = self.fresh(None, made.all(), report.pairs);
            let taken = (report.pairs > 0 && pairs <= most).then(|| (rule.clone(), pairs));
            if taken.is_some() {
                self.take(By::Window(made), report, None);
            }
            return Ok(taken);
        }
        let places = self.places(rule)?;
        self.find(&places, self.values.table().len(), u64::MAX)?;
        let largest = rule.largest.unwrap_or(self.largest);
        let tried = LIMITS.into_iter().filter(|limit| *limit < largest).chain([largest]);
        let tried: Vec<usize> = tried.collect();
        let mut limits: &[usize] = &tried;
        let mut best = None;
        while !limits.is_empty() {
            let (below, rest) = limits.split_at(limits.len() / 2);
            let limited = rule.clone().of_blocks_up_to(rest[0]);
            let made = self.made(&limited)?;
            let of_each = made.0.all().map(|block| (block, pair_count(block.len() as u64)));
            let pairs = self.fresh(Some(&places), of_each, made.1.pairs);
            if pairs <= most {
                best = Some((limited, made, pairs));
                limits = &rest[1..];
            } else {
                limits = below;
            }
        }
        Ok(best.filter(|(_, (_, report), _)| report.pairs > 0).map(|(limited, (made, report), pairs)| {
            self.take(By::Blocks(made), report, Some(Common::Keys(places)));
            (limited, pairs)
        }))
    }

    /// About how many of the pairs of these blocks, the first so many of each, share no rule before, each counted once
    /// however many values its rows have in common.
    fn fresh<'b>(
        &self,
        places: Option<&Places>,
        blocks: impl Iterator<Item = (&'b [u32], u64)>,
        pairs: u64,
    ) -> u64 {
        let step = pairs.div_ceil(SAMPLE).max(1);
        let mut found = 0.0;
        let mut rooms = (Room::default(), Room::default());
        // Pairs until the next of the sample.
        let mut next = step / 2;
        for (block, pairs) in blocks {
            while next < pairs {
                let (a, b) = pair_at(block, next);
                let mut both = |places: &Places| {
                    let a = self.values.of_row(a, places, &mut rooms.0);
                    let b = self.values.of_row(b, places, &mut rooms.1);
                    a.iter().filter(|value| b.binary_search(value).is_ok()).count()
                };
                let symbols =
                    |column| (self.values.table().symbol(a, column), self.values.table().symbol(b, column));
                let mut before = self.rules.iter().zip(&self.common);
                let shared = before.any(|(rule, own)| match own {
                    Some(Common::Keys(own)) => both(own) > 0,
                    Some(Common::Column(own)) => matches!(symbols(*own), (a, b) if a == b && a != 0),
                    None => rule.window().is_some_and(|window| window.has(a, b)),
                });
                if !shared {
                    found += step as f64 / places.map_or(1, &mut both).max(1) as f64;
                }
                next += step;
            }
            next -= pairs;
        }
        found.round() as u64
    }

    /// The window of a rule that has one.
    fn window(&self, rule: &BlockingRule) -> Result<Option<(Window, RuleReport)>> {
        let about = |error: Error| error.in_field(format!("blocking rule `{}`", rule.name()));
        rule.check()?;
        self.split_by
            .iter()
            .try_for_each(|key| self.values.check_split(key))
            .map_err(|error| error.in_field("split_by"))?;
        let Some(rows) = rule.window else { return Ok(None) };
        let made = Window::new(self.values.table(), &rule.keys, rows).map_err(about)?;
        let mut report = RuleReport::new(rule.name());
        for (window, pairs) in made.all() {
            report.blocks += 1;
            report.pairs += pairs;
            report.largest = report.largest.max(window.len() as u64);
        }
        Ok(Some((made, report)))
    }

    fn places(&mut self, rule: &BlockingRule) -> Result<Places> {
        self.values.places(rule).map_err(|error| error.in_field(format!("blocking rule `{}`", rule.name())))
    }

    /// Finds those of the first so many rows that have equal values; gives the number of their pairs, or some more than `most`.
    ///
    /// # Errors
    /// Where the rows have more values than can be numbered.
    fn find(&mut self, places: &Places, rows: usize, most: u64) -> Result<u64> {
        self.values.entries(places, rows, &mut self.entries);
        if u32::try_from(self.entries.keys.len()).is_err() {
            return Err(Error::invalid(format!(
                "rows have {} values of one blocking rule, of which there can be {}: take keys of fewer values",
                self.entries.keys.len(),
                u32::MAX
            ))
            .in_field("blocking"));
        }
        Ok(self.alike.find(self.entries.keys.iter().copied().zip(0..), most))
    }

    /// The distinct values of the one column of a rule of one value, with what rows have in common then; none of other rules
    /// and where a block is to be split. As [`Alone::new`].
    fn alone(&mut self, rule: &BlockingRule, most: u64) -> Result<Option<(Alone, Common)>> {
        let alone = if let [Key::Column(name)] = &rule.keys[..] {
            let table = self.values.table();
            let about = |error: Error| error.in_field(format!("blocking rule `{}`", rule.name()));
            let column = table.column_of(name).map_err(about)?;
            Some((Alone::whole(column, table.columns()[column].counts(), most), Common::Column(column)))
        } else {
            let places = self.places(rule)?;
            self.values.alone(&places, &mut self.alike, most).map(|alone| (alone, Common::Keys(places)))
        };
        Ok(alone.filter(|(alone, _)| alone.largest <= self.largest_of(rule)))
    }

    /// Takes the blocks of distinct values of a column.
    fn take_alone(&mut self, rule: &BlockingRule, alone: Alone, common: Common) -> u64 {
        let mut report = RuleReport::new(rule.name());
        let made = alone.blocks(self.values.table(), &mut report);
        self.take(By::Blocks(made), report, Some(common))
    }

    /// The rows that a block of a rule may have.
    fn largest_of(&self, rule: &BlockingRule) -> usize {
        rule.largest.map_or(self.largest, |own| own.max(2))
    }

    /// The blocks of a rule out of the rows of equal values.
    fn made(&mut self, rule: &BlockingRule) -> Result<(Blocks, RuleReport)> {
        let mut report = RuleReport::new(rule.name());
        let largest = self.largest_of(rule);
        let split_by: Vec<&Key> = self.split_by.iter().filter(|key| splits(rule, key)).collect();
        let blocks = group(
            &self.entries,
            &mut self.alike,
            &mut self.values,
            &split_by,
            largest,
            &mut report,
            &mut self.begins,
        )?;
        Ok((blocks, report))
    }

    fn take(&mut self, by: By, report: RuleReport, common: Option<Common>) -> u64 {
        self.common.push(common);
        let pairs = report.pairs;
        self.rules.push(by);
        self.reports.push(report);
        pairs
    }

    /// The blocks of the rules that were added.
    ///
    /// # Errors
    /// Where there are more rules, or more rows in their blocks, than can be numbered.
    pub fn finish(self, between: Between) -> Result<Blocking<'a>> {
        let Planner { values, rules, reports, entries, alike, .. } = self;
        let table = values.table();
        drop((values, entries, alike));
        let pairs = reports.iter().map(|report| report.pairs).sum();
        Ok(Blocking { partners: Partners::new(table, between, rules, pairs)?, reports })
    }
}

/// Keeps what is not left out, told by its place.
pub(crate) fn retain_others<T>(all: &mut Vec<T>, left_out: &[bool]) {
    let mut left_out = left_out.iter();
    all.retain(|_| !left_out.next().is_some_and(|out| *out));
}

/// Whether the large blocks of a rule can be split by a key: not where its rows have that in common anyway.
pub(super) fn splits(rule: &BlockingRule, key: &Key) -> bool {
    let mut columns = key.columns();
    let (first, only) = (columns.next(), columns.next().is_none());
    // A value that is made of the column alone.
    let alone = |own: &Key| own.columns().eq(first.filter(|_| only));
    rule.keys.iter().all(|own| own != key && !(own.several() && own.alternatives().iter().any(alone)))
}

impl<'a> Blocking<'a> {
    /// Makes the blocks of all these rules: [`Planner`].
    ///
    /// # Errors
    /// Where a rule has no key, a key cannot be made, or names a column that the table has not.
    pub fn plan(
        table: &'a Table,
        rules: &[BlockingRule],
        split_by: &[Key],
        largest: usize,
        between: Between,
    ) -> Result<Self> {
        let mut planner = Planner::new(table, split_by, largest);
        rules.iter().try_for_each(|rule| planner.add(rule).map(drop))?;
        planner.finish(between)
    }

    /// Leaves out rules, told by their places: pairs that later rules give as well are then those rules'.
    pub(crate) fn leave_out(&mut self, rules: &[bool]) {
        self.partners.leave_out(rules);
        retain_others(&mut self.reports, rules);
    }

    /// The table.
    pub fn table(&self) -> &'a Table {
        self.partners.table
    }

    /// What each rule gives, in the order of the rules.
    pub fn reports(&self) -> &[RuleReport] {
        &self.reports
    }

    /// The greatest number of pairs that there can be: those of all rules, shared ones counted for each rule.
    pub fn pairs_at_most(&self) -> u64 {
        self.reports.iter().map(|report| report.pairs).sum()
    }
}
