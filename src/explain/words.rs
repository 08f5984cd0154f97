//! Explanations in words.

use super::{
    Band, Compared, Conclusion, Conflict, EvidenceRef, Explanation, Guard, Refusal, Step, Suggestion, Word,
};
use crate::{
    engine::Candidate,
    record::{Namespace, RecordKey, Verdict},
};
use std::fmt::{self, Display, Formatter};

/// A key, that of an implied record shortened.
struct Short<'a>(&'a RecordKey);

impl Display for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.0.id.strip_prefix('~'), self.0.id.char_indices().nth(9)) {
            (Some(_), Some((end, _))) => write!(f, "{}/{}…", self.0.source, &self.0.id[..end]),
            _ => self.0.fmt(f),
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list<T: Display>(items: &[T]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.to_string(),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(T::to_string).collect();
            format!("{} and {last}", rest.join(", "))
        }
    }
}

/// A probability with as many nines as it has.
fn probability(value: f64) -> String {
    let text = match value {
        v if v >= 1.0 => return "1".to_owned(),
        v if v > 0.999_999 => return "over .999999".to_owned(),
        v if v > 0.999 => format!("{v:.6}"),
        v if v > 0.99 => format!("{v:.4}"),
        v => format!("{v:.2}"),
    };
    text.trim_start_matches('0').to_owned()
}

fn parties(count: u32) -> String {
    if count == 1 { "one party shows it".to_owned() } else { format!("{count} parties show it") }
}

fn note(note: Option<&str>) -> String {
    note.map(|note| format!(": “{note}”")).unwrap_or_default()
}

/// A fact's values as people write them.
fn values(namespace: &Namespace, values: &[String]) -> String {
    let shown: Vec<String> = values
        .iter()
        .map(|value| if *namespace == Namespace::NAME { value.replace('|', " ") } else { value.clone() })
        .map(|value| value.trim().to_owned())
        .collect();
    list(&shown)
}

impl Display for Word {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = match self.verdict {
            Verdict::Same => "the same",
            Verdict::Different => "different",
            Verdict::Retracted => "not decided",
        };
        let (a, b) = (Short(&self.a), Short(&self.b));
        write!(f, "the word of {} ({}) that {a} and {b} are {what}", self.by, self.at)?;
        f.write_str(&note(self.note.as_deref()))
    }
}

impl Display for EvidenceRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            EvidenceRef::Identifier { identifier } => identifier.fmt(f),
            EvidenceRef::Word(word) => word.fmt(f),
        }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (from, to) = (Short(&self.from), Short(&self.to));
        match (&self.evidence, self.weight) {
            (EvidenceRef::Identifier { identifier }, Some(weight)) => {
                write!(f, "{from} and {to} both have {identifier}: {weight}")?;
                if self.authenticated {
                    f.write_str(", used while logged in")?;
                }
                write!(f, "; {}", parties(self.parties))?;
                match self.total {
                    Some(total) => {
                        write!(f, "; in all {total}, probability {}", probability(self.probability))
                    }
                    None => f.write_str("; a person says so too"),
                }
            }
            (evidence, _) => write!(f, "{from} and {to}: {evidence}"),
        }
    }
}

impl Display for Conflict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (left, right) = (values(&self.namespace, &self.left), values(&self.namespace, &self.right));
        write!(f, "{} ({left} against {right}, {})", self.namespace, self.weight)
    }
}

impl Display for Guard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Guard::Different { a, b, by, at, note: why } => {
                write!(f, "{by} said on {at} that {a} and {b} are different{}", note(why.as_deref()))
            }
            Guard::PersonAndOrganisation => f.write_str("one is a person, the other an organisation"),
            Guard::Exclusive { namespace, values, count, most, within_days } => {
                let days = within_days.map(|days| format!(" within {days} days")).unwrap_or_default();
                let shown = list(values);
                write!(f, "together they would have {count} values of {namespace}{days} ({shown}); ")?;
                write!(f, "one customer has at most {most}")
            }
            Guard::Weight { total, needed, against } => {
                write!(f, "in all {total}, where {needed} are needed")?;
                if against.is_empty() { Ok(()) } else { write!(f, "; against it: {}", list(against)) }
            }
            Guard::Generic { parties, limit } => {
                write!(f, "it shows {parties} different parties, the limit is {limit}")
            }
            Guard::Function => f.write_str("a mailbox of a function joins nobody"),
            Guard::NeverJoins => f.write_str("the policy lets identifiers of this kind join nobody"),
            Guard::Ambiguous { among } => {
                let among: Vec<Short<'_>> = among.iter().map(Short).collect();
                write!(f, "it fits several who are kept apart: {}", list(&among))
            }
        }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (left, right) = (Short(&self.left), Short(&self.right));
        match &self.evidence {
            EvidenceRef::Identifier { identifier } => write!(f, "{left} and {right} both have {identifier}")?,
            EvidenceRef::Word(word) => write!(f, "{word}")?,
        }
        write!(f, ": {}", self.guard)?;
        for also in &self.also {
            write!(f, "; and {also}")?;
        }
        if let Band::Review = self.band {
            f.write_str(" (for review)")?;
        }
        Ok(())
    }
}

impl Display for Compared {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Compared::Said(word) => word.fmt(f),
            Compared::Shared { identifier, weight, parties: count, authenticated } => {
                write!(f, "for: both have {identifier}")?;
                match weight {
                    Some(weight) => write!(f, ", {weight}")?,
                    None => f.write_str(", which joins nobody")?,
                }
                if *authenticated {
                    f.write_str(", used while logged in")?;
                }
                write!(f, "; {}", parties(*count))
            }
            Compared::Agrees { fact } => {
                let shown = values(fact.namespace(), &[fact.value().to_owned()]);
                write!(f, "for: both state {} {shown}", fact.namespace())
            }
            Compared::Contradicts { namespace, a, b, weight } => {
                let (left, right) = (values(namespace, a), values(namespace, b));
                write!(f, "against: {namespace} {left} and {right}")?;
                weight.map_or(Ok(()), |weight| write!(f, ", {weight}"))
            }
        }
    }
}

impl Display for Suggestion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Suggestion::SaySame => f.write_str("a person says that they are the same"),
            Suggestion::SayDifferent => f.write_str("a person says that they are different"),
            Suggestion::WithdrawDifferent { a, b, by, at } => {
                write!(f, "the word “different” of {by} on {a} and {b} ({at}) is taken back")
            }
            Suggestion::MoreEvidence { bits } => {
                write!(f, "{:.1} more bits of evidence, an identifier that both have", bits.bits())
            }
            Suggestion::AnotherIdentifier => f.write_str("another identifier that only one customer has"),
            Suggestion::Remove { all } => write!(f, "{} is removed", list(all)),
            Suggestion::CorrectFact { namespace } => write!(f, "the {namespace} of one is corrected"),
            Suggestion::CorrectKind => f.write_str("what is a person and what an organisation is corrected"),
            Suggestion::AllowMore { namespace, most } => {
                write!(f, "the policy allows {most} values of {namespace} a customer")
            }
            Suggestion::All { of } => {
                let each: Vec<String> = of.iter().map(ToString::to_string).collect();
                f.write_str(&each.join(", and "))
            }
            Suggestion::RaiseLimit { namespace, limit } => {
                write!(f, "the policy lets {limit} parties share a value of {namespace}")
            }
        }
    }
}

/// The first line: the answer.
fn verdict(why: &Explanation, f: &mut Formatter<'_>) -> fmt::Result {
    let (a, b) = (&why.a, &why.b);
    let whose = |f: &mut Formatter<'_>, key: &RecordKey, own: &[Candidate]| {
        let shown = own
            .iter()
            .map(|candidate| format!("{} ({})", candidate.id, probability(candidate.probability)))
            .collect::<Vec<_>>();
        match shown.as_slice() {
            [] => write!(f, "\n{} identifies nobody", Short(key)),
            several => {
                write!(f, "\n{} identifies nobody by itself; it may be {}", Short(key), several.join(" or "))
            }
        }
    };
    match &why.verdict {
        Conclusion::SameCustomer { id: Some(id), .. } if a == b => {
            write!(f, "{a} is one record, of customer {id}.")
        }
        Conclusion::SameCustomer { id: Some(id), probability: own } => {
            write!(f, "{a} and {b} are one customer, {id}, with probability {}.", probability(*own))
        }
        Conclusion::SameCustomer { id: None, .. } => {
            if a == b {
                write!(f, "{a} is one record.")?;
            } else {
                write!(f, "{a} and {b} belong together.")?;
            }
            whose(f, a, &why.candidates_a)
        }
        Conclusion::DifferentCustomers { a: Some(x), b: Some(y) } => {
            write!(f, "{a} and {b} are two customers, {x} and {y}.")
        }
        Conclusion::DifferentCustomers { a: x, b: y } => {
            write!(f, "{a} and {b} are not joined.")?;
            if x.is_none() {
                whose(f, a, &why.candidates_a)?;
            }
            if y.is_none() {
                whose(f, b, &why.candidates_b)?;
            }
            Ok(())
        }
    }
}

fn section<T: Display>(f: &mut Formatter<'_>, title: &str, items: &[T]) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    write!(f, "\n\n{title}")?;
    items.iter().try_for_each(|item| write!(f, "\n  - {item}"))
}

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        verdict(self, f)?;
        if !self.path.is_empty() {
            f.write_str("\n\nWhy")?;
            for (at, step) in self.path.iter().enumerate() {
                write!(f, "\n  {}. {step}", at + 1)?;
            }
            if let (Some(weakest), true) = (self.weakest, self.path.len() > 1) {
                write!(f, "\n  The weakest link is step {}.", weakest + 1)?;
            }
        }
        section(f, "The two by themselves", &self.for_and_against)?;
        if !self.smallest_cut.is_empty() {
            f.write_str("\n\nWhat would part them")?;
            if self.bridges.is_empty() {
                f.write_str("\n  - no single piece of evidence: there is always another way")?;
            }
            for bridge in &self.bridges {
                write!(f, "\n  - all hangs on {bridge}")?;
            }
            if self.bridges.is_empty() {
                write!(f, "\n  - {} together", list(&self.smallest_cut))?;
            }
            if !self.cut_parts {
                f.write_str("\n  Even then other evidence, not needed so far, would join them again.")?;
            }
        }
        section(f, "Refused", &self.refusals)?;
        section(f, "What would change it", &self.what_would_change)
    }
}
