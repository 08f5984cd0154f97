//! What a finished run is told by: files of customers and pairs, and scores explained.

use crate::{
    failure::{Done, Failure},
    output::Out,
    sheet::{self, Cell, Sheet, To},
    text::{self, Table},
};
use serde::Serialize;
use stitchline::{
    CustomerId, MatchWeight, Policy, RecordKey,
    block::Between,
    cluster::{Objection, Refusal},
    link::Linked,
    model::{PairScore, Scorer},
};

/// What stands in a file of pairs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pairs {
    /// The level of each comparison.
    pub(crate) levels: bool,
    /// Also pairs below the threshold.
    pub(crate) all: bool,
}

/// The row that a user means by ID or SOURCE/ID.
pub(crate) fn row(linked: &Linked, given: &str) -> Done<u32> {
    let table = &linked.table;
    let is = |row: &u32| {
        let own = table.id(*row);
        let keyed = given.strip_prefix(table.source(*row)).and_then(|rest| rest.strip_prefix('/'));
        own == given || keyed == Some(own)
    };
    let mut found = (0..table.len() as u32).filter(is);
    match (found.next(), found.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("several sources have a row {given}")).next("Write SOURCE/ID."))
        }
        _ => Err(Failure::new(format!("no row has the id {given}"))),
    }
}

/// Writes each row's id with its customer's, in the order in which rows came.
pub(crate) fn clusters(linked: &Linked, to: To<'_>) -> Done {
    let table = &linked.table;
    // By place, so that most is read in the order in which it is written.
    let mut founders = vec![0u32; table.len()];
    linked.clusters().for_each(|(row, first)| founders[table.place(row) as usize] = table.place(first));
    let (project, mut key) = (Policy::default().project, RecordKey::new("", ""));
    let none = CustomerId::founded_by(project, &key);
    let mut ids = vec![none; table.len()];
    for ((id, place), &founder) in ids.iter_mut().zip(0u32..).zip(&founders) {
        if founder == place {
            let (source, own) = table.key_at(place);
            for (part, text) in [(&mut key.source, source), (&mut key.id, own)] {
                part.clear();
                part.push_str(text);
            }
            *id = CustomerId::founded_by(project, &key);
        }
    }
    let several = table.source_count() > 1;
    let names = if several { &["source", "id", "customer_id"][..] } else { &["id", "customer_id"] };
    sheet::write(to, names.iter().map(|name| (*name).to_owned()).collect(), |sheet| {
        let mut places = 0u32..;
        for founders in founders.chunks(AT_ONCE) {
            // One independent of the other, so that none waits until another has been read from memory.
            let mut own = [none; AT_ONCE];
            own.iter_mut().zip(founders).for_each(|(own, &founder)| *own = ids[founder as usize]);
            for (own, place) in own[..founders.len()].iter().zip(&mut places) {
                let (source, id) = table.key_at(place);
                let source = several.then_some(Cell::Text(source));
                sheet.row(source.into_iter().chain([Cell::Text(id), Cell::Customer(*own)]))?;
            }
        }
        Ok(())
    })
}

/// Rows whose customers are looked up together.
const AT_ONCE: usize = 64;

/// The columns of the ids of two rows, and of their sources where there are several.
fn id_names(linked: &Linked) -> Vec<String> {
    let several = linked.table.source_count() > 1;
    let names = if several { &["source_l", "id_l", "source_r", "id_r"][..] } else { &["id_l", "id_r"] };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What stands in these columns.
fn ids(linked: &Linked, a: u32, b: u32) -> impl Iterator<Item = Cell<'_>> {
    let table = &linked.table;
    let several = table.source_count() > 1;
    [a, b].into_iter().flat_map(move |row| {
        several.then(|| Cell::Text(table.source(row))).into_iter().chain([Cell::Text(table.id(row))])
    })
}

/// Writes pairs with weight and probability, in the order of their rows' keys.
pub(crate) fn pairs(linked: &Linked, to: To<'_>, what: Pairs) -> Done {
    let threshold = linked.calibration.threshold;
    let mut edges: Vec<_> =
        linked.edges.iter().filter(|edge| what.all || edge.weight >= threshold).copied().collect();
    edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
    let mut names = id_names(linked);
    names.extend(["match_weight", "match_probability", "same_customer"].map(str::to_owned));
    let comparisons = &linked.model.comparisons;
    if what.levels {
        names.extend(comparisons.iter().map(|own| own.comparison.name.clone()));
    }
    let write = |sheet: &mut Sheet, scorer: Option<&Scorer<'_>>| -> Done {
        let mut levels: Vec<String> = Vec::new();
        for edge in &edges {
            levels.clear();
            if let Some(scorer) = scorer {
                let score = scorer.explain(edge.a, edge.b);
                let part = |name: &str| score.parts.iter().find(|part| part.comparison == name);
                let level = |name: &str| part(name).map_or("null".to_owned(), |part| part.level.clone());
                levels.extend(comparisons.iter().map(|own| level(&own.comparison.name)));
            }
            let figures = [
                Cell::Number(edge.weight.bits(), 3),
                Cell::Number(edge.weight.probability(), 6),
                Cell::Truth(linked.cluster(edge.a) == linked.cluster(edge.b)),
            ];
            sheet.row(
                ids(linked, edge.a, edge.b)
                    .chain(figures)
                    .chain(levels.iter().map(|level| Cell::Text(level))),
            )?;
        }
        Ok(())
    };
    sheet::write(to, names, |sheet| match what.levels {
        true => linked.scored_by(|scorer| write(sheet, Some(scorer)))?,
        false => write(sheet, None),
    })
}

/// Writes the links that were refused, the strongest first, with what refused them.
pub(crate) fn refused(linked: &Linked, to: To<'_>) -> Done {
    let mut names = id_names(linked);
    let more = [
        "match_weight",
        "match_probability",
        "refused_by",
        "against_l",
        "against_r",
        "total_weight",
        "reason",
    ];
    names.extend(more.map(str::to_owned));
    let write = |sheet: &mut Sheet, refusal: &Refusal| {
        let Refusal { edge, by } = refusal;
        let (what, total) = match by {
            Objection::Guard { .. } => ("exclusive", None),
            Objection::OnePerSource { .. } => ("one_per_source", None),
            Objection::Evidence { total, .. } => ("evidence", Some(total.bits())),
            Objection::Unsaid { total, .. } => ("unsaid", Some(total.bits())),
            Objection::Rival { total, .. } => ("rival", Some(total.bits())),
            _ => ("", None),
        };
        let (left, right) = by.rows();
        let (left, right, reason) = (linked.name(left), linked.name(right), linked.refused_since(refusal));
        let figures = [
            Cell::Number(edge.weight.bits(), 3),
            Cell::Number(edge.weight.probability(), 6),
            Cell::Text(what),
            Cell::Text(&left),
            Cell::Text(&right),
            total.map_or(Cell::Empty, |bits| Cell::Number(bits, 3)),
            Cell::Text(&reason),
        ];
        sheet.row(ids(linked, edge.a, edge.b).chain(figures))
    };
    sheet::write(to, names, |sheet| linked.refused.iter().try_for_each(|refusal| write(sheet, refusal)))
}

/// Prints the scores of pairs with all that they are the sum of.
pub(crate) fn explain(linked: &Linked, pairs: &[(u32, u32)], out: &mut Out) -> Done {
    let scores = linked.explain_all(pairs)?;
    if out.json() {
        let told: Vec<Told<'_>> =
            scores.iter().zip(pairs).map(|(score, pair)| Told::of(linked, score, *pair)).collect();
        return match &told[..] {
            [one] => out.document(one),
            all => out.document(&all),
        };
    }
    let table = &linked.table;
    for (at, (score, &(a, b))) in scores.iter().zip(pairs).enumerate() {
        if at > 0 {
            out.gap()?;
        }
        let bits = |weight: MatchWeight| format!("{:+.2}", weight.bits());
        let values = |row: u32, columns: &[String]| -> String {
            let texts = columns.iter().filter_map(|column| Some(table.text(row, table.find(column)?)));
            text::short(&texts.collect::<Vec<_>>().join(" "), 32)
        };
        let empty = String::new;
        let mut lines = Table::right(&[4, 5]);
        lines.row(["".into(), linked.name(a), linked.name(b), empty(), "bits".into(), "frequency".into()]);
        lines.row(["prior".into(), empty(), empty(), empty(), bits(score.prior), empty()]);
        for part in &score.parts {
            let more = part.term_frequency;
            let more = if more == MatchWeight::ZERO { empty() } else { bits(more) };
            let own = linked.model.comparisons.iter().find(|own| own.comparison.name == part.comparison);
            let columns = own.map_or(&[][..], |own| &own.comparison.columns);
            let (a, b) = (values(a, columns), values(b, columns));
            lines.row([part.comparison.clone(), a, b, part.level.clone(), bits(part.weight), more]);
        }
        if score.relatives != MatchWeight::ZERO {
            let says = "would explain as much".into();
            lines.row(["relatives".into(), empty(), empty(), says, bits(score.relatives), empty()]);
        }
        let likely = format!("probability {}", text::percent(score.total.probability()));
        lines.row(["total".into(), empty(), empty(), likely, bits(score.total), empty()]);
        out.table(&lines)?;
        for line in decided(linked, score, (a, b)) {
            out.line(format!("  {line}"))?;
        }
    }
    Ok(())
}

/// A score with what became of the pair, as data.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    score: &'a PairScore,
    threshold: MatchWeight,
    /// What a link that joins more than two rows needs.
    needed_above_two: MatchWeight,
    same_customer: bool,
    refused: Option<String>,
    /// Why the pair is no link whatever it weighs.
    unseen: Option<String>,
}

impl<'a> Told<'a> {
    fn of(linked: &Linked, score: &'a PairScore, (a, b): (u32, u32)) -> Self {
        let threshold = linked.calibration.threshold;
        Told {
            score,
            threshold,
            needed_above_two: threshold + linked.above,
            same_customer: linked.cluster(a) == linked.cluster(b),
            refused: linked.refusal(a, b).map(|refusal| linked.refused_since(refusal)),
            unseen: unseen(linked, score, (a, b)),
        }
    }
}

/// Why a pair is not among those that were compared and kept.
fn unseen(linked: &Linked, score: &PairScore, (a, b): (u32, u32)) -> Option<String> {
    let table = &linked.table;
    let least = linked.kept_from();
    if linked.spec.between == Between::Sources && table.source_number(a) == table.source_number(b) {
        Some("rows of one source are not compared with each other".into())
    } else if score.total < least {
        Some(format!("pairs of less than {:+.2} bits are not kept", least.bits()))
    } else if !linked.edges.iter().any(|edge| (edge.a, edge.b) == (a.min(b), a.max(b))) {
        Some("no blocking rule gives the pair, so it was not compared".into())
    } else {
        None
    }
}

/// What became of a pair, and why.
fn decided(linked: &Linked, score: &PairScore, (a, b): (u32, u32)) -> Vec<String> {
    let threshold = linked.calibration.threshold;
    let is = if score.total >= threshold { "at or above" } else { "below" };
    let mut says = format!("It is {is} the threshold of {:+.2} bits.", threshold.bits());
    if linked.above > MatchWeight::ZERO {
        let needed = (threshold + linked.above).bits();
        says.push_str(&format!(" A link that joins more than two rows needs {needed:+.2}."));
    }
    let mut lines = vec![says];
    let unseen = unseen(linked, score, (a, b));
    let is_link = score.total >= threshold && unseen.is_none();
    lines.extend(unseen.map(|why| format!("No link: {why}.")));
    if let Some(refusal) = linked.refusal(a, b) {
        lines.push(format!("Refused: {}.", linked.refused_since(refusal)));
    }
    lines.push(match (linked.cluster(a) == linked.cluster(b), is_link) {
        (true, true) => "The two rows are one customer.".to_owned(),
        (true, false) => "The two rows are one customer all the same: other links join them.".to_owned(),
        (false, _) => "The two rows are two customers.".to_owned(),
    });
    lines
}
