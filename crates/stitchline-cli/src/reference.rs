//! What a user may write for a customer: a customer id, an identifier in raw form, or a record of a source.

use crate::{
    failure::{Done, Failure},
    text,
};
use stitchline::{
    CustomerId, Engine, Error, ErrorKind, InteractionKey, Namespace, RecordKey, Timestamp,
    engine::{Reason, Reference, Resolution},
};

/// The help text of every REF argument.
pub(crate) const FORMS: &str = "A REF is one of
  a customer id      5f1c9a52-8a0e-5e7b-9d53-0c6a41c7a001
  an identifier      phone:\"020 7946 0123\", email:ann.lee@example.com, crm:C-1001, cookie:3f1c9a52…
  a bare e-mail address or phone number
  a name             name:\"Ann Lee\" lists who has it; a name alone identifies nobody
  a record           SOURCE/ID, such as crm/C-1001
Identifiers may be written as people write them; the database's policy brings them into canonical form.";

/// Reads a REF under the policy of the database, for now or a time.
pub(crate) fn read(engine: &Engine, given: &str, as_of: Option<Timestamp>) -> Done<Reference> {
    let given = given.trim();
    if let Ok(id) = given.parse::<CustomerId>() {
        return Ok(Reference::Customer(id));
    }
    if let Some((name, value)) = given.split_once(':')
        && let Some(namespace) = Namespace::new(name).filter(|namespace| is_known(engine, namespace))
    {
        return identifier(engine, &namespace, value);
    }
    if let Some(key) = known_record(engine, given, as_of) {
        return Ok(Reference::Record(key));
    }
    if let Some((name, value)) = given.split_once(':').filter(|(_, value)| !value.starts_with('/'))
        && let Some(namespace) = Namespace::new(name)
    {
        return identifier(engine, &namespace, value);
    }
    if given.contains('@') && !given.contains('/') {
        return identifier(engine, &Namespace::EMAIL, given);
    }
    if looks_like_phone(given) {
        return identifier(engine, &Namespace::PHONE, given);
    }
    match record_keys(given).next() {
        Some(key) => Ok(Reference::Record(key)),
        None => Err(Failure::usage(format!("{given:?} is no customer id, no identifier and no SOURCE/ID"))
            .next(FORMS)),
    }
}

/// The failure where the text is the key of an interaction, which is no party but has some. To be asked once no record
/// of that key is found, since a source may give both the same id.
pub(crate) fn interaction(engine: &Engine, given: &str) -> Done<Option<Failure>> {
    for key in record_keys(given) {
        let Some(records) = engine.records_of(&InteractionKey::new(key.source, key.id))? else { continue };
        let failure = Failure::new(format!("{given:?} is an interaction, not a record or a customer"));
        let mut next = match records.len() {
            0 => "Nobody who took part in it is identified.".to_owned(),
            _ => "Ask for one of the records of those who took part in it:".to_owned(),
        };
        records.iter().take(10).for_each(|record| next.push_str(&format!("\n  {record}")));
        return Ok(Some(failure.next(next)));
    }
    Ok(None)
}

/// Whether the library or the policy names the namespace (or, for `crm.east`, `crm`).
fn is_known(engine: &Engine, namespace: &Namespace) -> bool {
    const BUILT_IN: [Namespace; 12] = [
        Namespace::PHONE,
        Namespace::EMAIL,
        Namespace::COOKIE,
        Namespace::DEVICE,
        Namespace::LOGIN,
        Namespace::CRM,
        Namespace::ACCOUNT,
        Namespace::SOCIAL,
        Namespace::GOVERNMENT,
        Namespace::RECORD,
        Namespace::NAME,
        Namespace::BIRTH,
    ];
    let root = namespace.as_str().split('.').next().unwrap_or_default();
    BUILT_IN.iter().any(|known| known.as_str() == root)
        || engine.policy().namespaces.contains_key(namespace.as_str())
        || engine.policy().namespaces.contains_key(root)
}

fn identifier(engine: &Engine, namespace: &Namespace, value: &str) -> Done<Reference> {
    engine.normalizer().identifier(namespace, value, None).map(Reference::Identifier).map_err(|error| {
        let failure = Failure::new(format!("{value:?} is not usable as {namespace}: {}", error.reason()));
        if *namespace == Namespace::PHONE && engine.policy().default_region.is_none() {
            failure.next("Write it in international form (+44 …), or ingest with --default-region.")
        } else {
            failure
        }
    })
}

fn looks_like_phone(given: &str) -> bool {
    let digits = given.chars().filter(char::is_ascii_digit).count();
    let only = given.chars().all(|c| c.is_ascii_digit() || " +()-.".contains(c));
    only && digits >= 7
}

/// Every way to part the text into source and id; sources may hold slashes themselves.
pub(crate) fn record_keys(given: &str) -> impl Iterator<Item = RecordKey> + '_ {
    let parts = given.match_indices('/').map(|(at, _)| (&given[..at], &given[at + 1..]));
    parts
        .filter(|(source, id)| !source.is_empty() && !id.is_empty())
        .map(|(source, id)| RecordKey::new(source, id))
}

/// The record that is there under that text, or was at a time.
fn known_record(engine: &Engine, given: &str, as_of: Option<Timestamp>) -> Option<RecordKey> {
    record_keys(given).find(|key| {
        let whose = match as_of {
            Some(at) => engine.customer_of_as_of(key, at),
            None => engine.customer_of(key),
        };
        whose.is_ok_and(|found| found != Resolution::Nobody)
    })
}

/// Whom erasing is to take: somebody known, or else a record that was withdrawn and is still in the log.
pub(crate) fn erasable(engine: &Engine, given: &str) -> Done<Reference> {
    let meant = read(engine, given, None)?;
    if matches!(meant, Reference::Record(_)) && engine.who(&meant)? == Resolution::Nobody {
        let left = record_keys(given.trim()).find(|key| engine.erasure_of(key).is_ok());
        return Ok(left.map_or(meant, Reference::Record));
    }
    Ok(meant)
}

/// Whom the reference stands for, now or as known at a time.
pub(crate) fn who(engine: &Engine, reference: &Reference, as_of: Option<Timestamp>) -> Done<Resolution> {
    Ok(match (reference, as_of) {
        (Reference::Identifier(identifier), Some(at)) => engine.resolve_as_of(identifier, at)?,
        (Reference::Record(key), Some(at)) => engine.customer_of_as_of(key, at)?,
        (Reference::Customer(id), Some(at)) => engine.customer_as_of(*id, at)?,
        (_, None) => engine.who(reference)?,
    })
}

/// The one customer that is meant, or a failure that says what to do.
pub(crate) fn one(engine: &Engine, given: &str, as_of: Option<Timestamp>) -> Done<CustomerId> {
    let reference = read(engine, given, as_of)?;
    match who(engine, &reference, as_of)? {
        Resolution::One(candidate) => Ok(candidate.id),
        Resolution::Several { candidates, reason, more } => {
            let mut next = format!("{} Ask for one of them:", said(reason));
            for candidate in candidates {
                next.push_str(&format!("\n  {}  {:>7}", candidate.id, text::percent(candidate.probability)));
            }
            if more {
                next.push_str("\n  and more");
            }
            Err(Failure::new(format!("{given:?} may be any of several customers")).next(next))
        }
        Resolution::Nobody => Err(nobody(engine, &reference, given, as_of)?),
    }
}

/// What is meant, where it is certain: an identifier that several customers share says nothing about records.
pub(crate) fn definite(engine: &Engine, given: &str, as_of: Option<Timestamp>) -> Done<Reference> {
    let reference = read(engine, given, as_of)?;
    if !matches!(reference, Reference::Record(_)) {
        one(engine, given, as_of)?;
    }
    Ok(reference)
}

/// The failure where nobody is meant.
fn nobody(engine: &Engine, reference: &Reference, given: &str, as_of: Option<Timestamp>) -> Done<Failure> {
    let what = match reference {
        Reference::Customer(_) => format!("no customer has the id {given}"),
        Reference::Identifier(_) => format!("nobody is known by {given:?}"),
        Reference::Record(_) => format!("there is no record {given:?} of a customer"),
    };
    not_found(engine, reference, given, what, as_of)
}

/// The failure where nothing is there under a REF, with what to do.
fn not_found(
    engine: &Engine,
    reference: &Reference,
    given: &str,
    what: String,
    as_of: Option<Timestamp>,
) -> Done<Failure> {
    let is_record = matches!(reference, Reference::Record(_));
    if is_record && let Some(failure) = interaction(engine, given.trim())? {
        return Ok(failure);
    }
    Ok(match as_of {
        Some(at) => Failure::new(format!("{what}, as known at {at}"))
            .next("It may have come later: ask with a later time, or without --as-of."),
        None if is_record => {
            Failure::new(what).next("Records and their customers: stitchline export --records --db PATH")
        }
        None => Failure::new(what),
    })
}

/// The failure of what was asked or said of two, told of the one that it concerns.
pub(crate) fn of_pair(
    engine: &Engine,
    error: Error,
    (a, b): (&str, &str),
    as_of: Option<Timestamp>,
) -> Done<Failure> {
    let given = match error.field() {
        Some("a") => a,
        Some(field) if field.starts_with('b') && field != "by" => b,
        _ => return Ok(Failure::from(error)),
    };
    let what = format!("{given:?}: {}", error.reason());
    if error.kind() == ErrorKind::NotFound {
        return not_found(engine, &read(engine, given, as_of)?, given, what, as_of);
    }
    let failure = Failure::new(what);
    let same = read(engine, a, as_of)? != read(engine, b, as_of)? && error.field() == Some("b");
    Ok(if same {
        failure.next(format!(
            "An identifier stands for the first record that carries it. Name two records; who carries what: stitchline customer {a:?}"
        ))
    } else {
        failure
    })
}

/// Why there is no single customer, in words.
pub(crate) fn said(reason: Reason) -> &'static str {
    match reason {
        Reason::Shared => "Several customers share it, and nothing tells which of them is meant.",
        Reason::Generic => "So many use it that it tells nobody from anybody.",
        Reason::Divided => "This customer has been divided into several.",
        _ => "There is no single answer.",
    }
}
