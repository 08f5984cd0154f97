//! What a run goes by: the spec given or one chosen, the rows prepared by it, and their blocks, by looser rules as well
//! as far as the budget of candidates goes.

use super::{
    Recognised, auto, recognise, same,
    spec::{Clustering, Spec},
};
use crate::{
    block::{Between, Blocking, BlockingRule, Key, Planner},
    error::{Error, Result},
    model::Model,
    table::{ColumnSpec, Kind, RawTable, Table},
};

/// Candidates by looser rules that any data set may have.
const LEAST_CANDIDATES: u64 = 400_000;

/// Candidates a row with which rules by parts of names are worth making: who asks for them wants what they find.
const PARTS_OF_NAMES: u64 = 10;

/// What the caller has asked for.
pub(super) struct Asked {
    pub(super) spec: Option<Spec>,
    pub(super) between: Option<Between>,
    pub(super) clustering: Option<Clustering>,
    pub(super) threshold: Option<f64>,
    pub(super) candidates_per_row: u64,
}

/// What a run goes by.
pub(super) struct Chosen {
    pub(super) table: Table,
    pub(super) spec: Spec,
    pub(super) recognised: Vec<Recognised>,
    /// Whether nobody gave a spec, and what was chosen may be changed by what is found.
    pub(super) free: bool,
    candidates_per_row: u64,
    /// The column of the country, where rules may use it.
    country: Option<String>,
}

/// The rules of a run.
pub(super) struct Rules {
    pub(super) all: Vec<BlockingRule>,
    /// Those that stay since fixed rules were not taken beside them.
    pub(super) covering: Vec<usize>,
}

/// Chooses all but the looser rules.
pub(super) fn choose(mut raw: RawTable, asked: Asked, model: Option<&Model>) -> Result<Chosen> {
    if raw.len() < 2 {
        return Err(Error::invalid("there are fewer than two rows; nothing can be compared"));
    }
    let free = asked.spec.is_none();
    let (mut spec, mut recognised) = match asked.spec {
        Some(spec) => {
            spec.unite(&mut raw)?;
            (spec, Vec::new())
        }
        None => described(&mut raw)?,
    };
    if let Some(model) = model {
        if !free {
            spec.fits(model)?;
        }
        spec.comparisons = model.comparisons();
    }
    spec.between = asked.between.unwrap_or(spec.between);
    spec.clustering = asked.clustering.unwrap_or(spec.clustering);
    spec.threshold = asked.threshold.or(spec.threshold);
    spec.check()?;
    // A pair is of the first rule that gives it: training is to have what any other rule gives.
    spec.blocking.sort_by_key(|rule| rule.untrained);
    let afforded = free && asked.candidates_per_row >= PARTS_OF_NAMES;
    let country = if afforded { auto::add_country(&recognised, &mut spec) } else { None };
    for own in recognised.iter_mut().filter(|own| own.note.is_none()) {
        let unused = !spec.columns.iter().any(|column| column.sources().any(|name| name == own.column));
        own.note = unused.then(|| "it is not compared".to_owned());
    }
    let table = Table::prepare_near(raw, &spec.columns)?;
    for own in recognised.iter_mut().filter(|own| own.note.is_none()) {
        own.note = oddness(own, &spec, &table);
    }
    if spec.between == Between::Sources && table.source_count() < 2 {
        return Err(Error::invalid(
            "all rows are of one source, and rows of different ones were to be compared: give a second file, or name a \
             column of sources",
        )
        .in_field("between"));
    }
    if spec.clustering == Clustering::BestLinks && table.source_count() < 2 {
        return Err(Error::invalid(
            "all rows are of one source, and best_links takes the best row of each other source for each row: give a second \
             file, name a column of sources, or take another clustering",
        )
        .in_field("clustering"));
    }
    if spec.one_per_source && table.source_count() < 2 {
        return Err(Error::invalid(
            "all rows are of one source, of which a customer would have one row at most, so that nothing could be linked: \
             give a second file, name a column of sources, or leave `one_per_source` out",
        )
        .in_field("one_per_source"));
    }
    Ok(Chosen { table, spec, recognised, free, candidates_per_row: asked.candidates_per_row, country })
}

/// What is odd about the values of a column that is compared: which of them say nothing, and whether days can be read in
/// two ways.
fn oddness(own: &Recognised, spec: &Spec, table: &Table) -> Option<String> {
    use Kind::{Date, Email, Emails, Phone, Phones, Postcode};
    let alone = |column: &&ColumnSpec| {
        let is_read = matches!(column.kind, Date | Email | Emails | Phone | Phones | Postcode);
        let mut sources = column.sources();
        let first = sources.next() == Some(own.column.as_str());
        // Beside a phone there may be its country.
        is_read && first && (sources.next().is_none() || column.kind == Phone)
    };
    let made = spec.columns.iter().find(alone).and_then(|column| table.find(&column.name));
    let given = (own.filled * table.len() as f64).round() as u64;
    let unread = made.map_or(0, |at| given.saturating_sub(table.columns()[at].filled()));
    let unread = (unread > 0).then(|| match unread {
        1 => "1 value cannot be read or stands for none".to_owned(),
        _ => format!("{unread} values cannot be read or stand for none"),
    });
    let order = own.both_orders.then(|| {
        let first = if own.month_first { "month" } else { "day" };
        format!("days and months come in both orders; where either can be first, it is the {first}")
    });
    let notes: Vec<String> = unread.into_iter().chain(order).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// A spec for rows that nobody has described, and what their columns were taken for.
fn described(raw: &mut RawTable) -> Result<(Spec, Vec<Recognised>)> {
    if let Some(file) = recognise::header_of_a_row(raw) {
        let error = Error::invalid(
            "the first line looks like a row, since there are given names in it and no known name of a column; put a header \
             with the columns' names there",
        );
        return Err(error.in_field(file));
    }
    let mut recognised = recognise(raw);
    let united = Spec { same: same::same(raw, &recognised), ..Spec::default() };
    let taken_in = |own: &Recognised| {
        let (name, _) = united.same.iter().find(|(_, others)| others.contains(&own.column))?;
        Some(Recognised { note: Some(format!("it is the same as {name}")), ..own.clone() })
    };
    let taken_in: Vec<Recognised> = recognised.iter().filter_map(taken_in).collect();
    if !taken_in.is_empty() {
        united.unite(raw)?;
        recognised = recognise(raw);
    }
    let spec = Spec { same: united.same, ..auto::spec(&recognised)? };
    recognised.extend(taken_in);
    Ok((spec, recognised))
}

impl Chosen {
    /// The blocks; looser rules are added to a spec that was chosen, as far as the budget goes.
    pub(super) fn blocking(&self) -> Result<(Blocking<'_>, Rules)> {
        let spec = &self.spec;
        let mut planner = Planner::new(&self.table, &spec.split_by, spec.largest_block);
        let mut rules = spec.blocking.clone();
        let rows = self.table.len() as u64;
        let mut budget = rows.saturating_mul(self.candidates_per_row).max(LEAST_CANDIDATES);
        let most = budget / 4;
        // Few rows afford many candidates each.
        let few = rows.saturating_mul(PARTS_OF_NAMES) <= LEAST_CANDIDATES;
        let afforded = self.free && (few || self.candidates_per_row >= PARTS_OF_NAMES);
        let parts = if afforded { auto::by_parts_of_names(spec, self.country.as_ref()) } else { Vec::new() };
        // Beside those they add next to nothing for the many candidates of many rows.
        let mut looser = if self.free && (few || parts.is_empty()) { auto::looser(spec) } else { Vec::new() };
        // What a column's value gives alone, it need not give together with others. There are few columns of which a looser
        // rule is made, so that the budget is enough for all such rules.
        let mut covering = Vec::new();
        for rule in &looser {
            if let [key] = &rule.keys[..]
                && spec.blocking.iter().any(|own| own.keys.contains(key))
                && planner.covers(key, most)?
            {
                covering.push(key.clone());
            }
        }
        let covers = |key: &Key| covering.contains(key);
        rules.retain(|rule| rule.keys.len() == 1 || rule.unordered || !rule.keys.iter().any(covers));
        looser.sort_by_key(|rule| !rule.keys.iter().all(covers));
        rules.iter().try_for_each(|rule| planner.add(rule).map(drop))?;
        for rule in looser {
            if let Some(pairs) = planner.add_if_few(&rule, most.min(budget))? {
                budget -= pairs;
                rules.push(rule);
            }
        }
        for (rule, share) in parts {
            if !rules.iter().any(|own| own.name() == rule.name())
                && let Some((rule, pairs)) = planner.add_within(&rule, budget / share)?
            {
                budget -= pairs;
                rules.push(rule);
            }
        }
        let covering = (0..rules.len()).filter(|&at| rules[at].keys.iter().all(covers)).collect();
        Ok((planner.finish(spec.between)?, Rules { all: rules, covering }))
    }
}
