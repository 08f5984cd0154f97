//! Senzing records, version 4 (`FEATURES`) and older flat ones, to records and relations.
//!
//! | in the record | becomes |
//! | --- | --- |
//! | `DATA_SOURCE`, `RECORD_ID` | the record's key; an id from the content where there is none |
//! | `RECORD_TYPE` | person, organisation or not known |
//! | `PHONE_NUMBER`, `EMAIL_ADDRESS` | `phone`, `email`; national numbers are read by `ADDR_COUNTRY` |
//! | `LINKEDIN`, `TWITTER`, … | `social`; `WHATSAPP` and others whose handle is a phone number in E.164 |
//! | `SSN_NUMBER`, `PASSPORT_*`, `DRIVERS_LICENSE_*`, `NATIONAL_ID_*`, `TAX_ID_*` | `government`: `kind/country/number` |
//! | `ACCOUNT_NUMBER`, `ACCOUNT_DOMAIN` | `account`: `domain/number` |
//! | `TRUSTED_ID_*`, `OTHER_ID_*` | `trusted`, `other_id`: `type/number` |
//! | `DUNS_NUMBER`, `NPI_NUMBER`, `LEI_NUMBER` | `duns`, `npi`, `lei` |
//! | `NAME_*` of persons, `DATE_OF_BIRTH` | facts `name`, `birth` |
//! | `REL_ANCHOR_*` | relation `anchor` to `anchor/<key>` in the anchor's domain |
//! | `REL_POINTER_*` | relation `related_to`, with its role, to the same |
//! | `GROUP_ASSOCIATION_*`, `GROUP_ASSN_ID_*` | relation `member_of`, with its type as role, to `group/<name or id>` |
//! | `UPDATED_AT` and the like at the top | when the source knew it |
//! | all features, as they came; other fields at the top | attributes |

use super::{
    Context, Field, content_id,
    node::Map,
    party::{Party, names},
    senzing_features::{Feature, features},
    take_text, time,
};
use crate::{
    error::{Error, Result},
    record::{Identifier, Input, Namespace, PartyKind, Record, RecordKey, Relation, Timestamp, Verification},
};

pub(super) fn convert(
    context: &Context,
    mut record: Map<'_>,
    line: &[u8],
    out: &mut Vec<Input>,
) -> Result<()> {
    let source = take_text(&mut record, "DATA_SOURCE").map(|source| source.into_owned());
    let source = source.or_else(|| context.options.source.clone()).ok_or_else(|| {
        Error::invalid("is missing; name a source for records without one").in_field("DATA_SOURCE")
    })?;
    let id = take_text(&mut record, "RECORD_ID").map_or_else(|| content_id(line), |id| id.into_owned());
    let observed_at = observed_at(&record, context.options.undated)?;

    let all = features(&record);
    if all.is_empty() && !record.0.iter().any(|(key, _)| key == "FEATURES") {
        return Err(Error::invalid("has no features").in_field("FEATURES"));
    }
    let mut party = Party::new(&context.normalizer);
    for feature in &all {
        if let Some(country) = feature.get("ADDR_COUNTRY") {
            party.country(country);
        }
    }
    let kind = kind(&all);
    for feature in &all {
        take(feature, kind, &mut party);
    }
    let mut made = Record::new(source, id, observed_at).kind(kind);
    relations(&all, &made, out);

    if let Some(list) = record.take("FEATURES") {
        record.0.push(("features".into(), list));
    }
    record.into_attributes(&mut made.attributes);
    // The names that every adapter uses win over a field of the same name.
    made.attributes.append(&mut party.attributes);
    made.claims = party.claims;
    out.insert(0, made.into());
    Ok(())
}

/// The time under any of the usual names; the best known of them where there are several.
fn observed_at(record: &Map<'_>, undated: Option<Timestamp>) -> Result<Timestamp> {
    let named = record.0.iter().filter(|(key, _)| Field::guess(key) == Some(Field::ObservedAt));
    let best = named.min_by_key(|(key, _)| super::mapping::rank(key));
    match best {
        Some((key, node)) if !node.is_empty() => time(node).map_err(|error| error.in_field(key)),
        _ => Ok(undated.unwrap_or(Timestamp::UNDATED)),
    }
}

fn kind(all: &[Feature<'_>]) -> PartyKind {
    let has = |keys: &[&str]| all.iter().any(|feature| keys.iter().any(|key| feature.get(key).is_some()));
    match all.iter().find_map(|feature| feature.get("RECORD_TYPE")) {
        Some(text) => match text.trim().to_ascii_uppercase().as_str() {
            "PERSON" | "INDIVIDUAL" => PartyKind::Person,
            "ORGANIZATION" | "ORGANISATION" | "COMPANY" | "BUSINESS" => PartyKind::Organisation,
            _ => PartyKind::Unknown,
        },
        None if has(&["NAME_ORG"]) && !has(&["NAME_FIRST", "NAME_LAST", "DATE_OF_BIRTH"]) => {
            PartyKind::Organisation
        }
        None => PartyKind::Unknown,
    }
}

/// Takes one feature.
fn take(feature: &Feature<'_>, kind: PartyKind, party: &mut Party<'_>) {
    let stated = Verification::Stated;
    let get = |key: &str| feature.get(key);
    if let Some(number) = get("PHONE_NUMBER") {
        party.claim(&Namespace::PHONE, number, stated);
    }
    if let Some(address) = get("EMAIL_ADDRESS") {
        party.claim(&Namespace::EMAIL, address, stated);
    }
    for network in ["LINKEDIN", "FACEBOOK", "TWITTER", "SKYPE", "ZOOMROOM", "INSTAGRAM", "WECHAT"] {
        if let Some(handle) = get(network) {
            party.claim_as(&Namespace::SOCIAL, &format!("{network}/{handle}"), handle, stated);
        }
    }
    for network in ["WHATSAPP", "SIGNAL", "TELEGRAM", "TANGO", "VIBER"] {
        if let Some(handle) = get(network) {
            let mut number = Party::new(party.normalizer());
            number.claim(&Namespace::PHONE, handle, stated);
            let handle_of = number.claims.first().map_or(handle, |claim| claim.identifier.value());
            party.claim_as(&Namespace::SOCIAL, &format!("{network}/{handle_of}"), handle, stated);
        }
    }
    for (name, number, kind_key, place) in [
        ("ssn", "SSN_NUMBER", "", ""),
        ("passport", "PASSPORT_NUMBER", "", "PASSPORT_COUNTRY"),
        ("drivers_license", "DRIVERS_LICENSE_NUMBER", "", "DRIVERS_LICENSE_STATE"),
        ("national_id", "NATIONAL_ID_NUMBER", "NATIONAL_ID_TYPE", "NATIONAL_ID_COUNTRY"),
        ("tax_id", "TAX_ID_NUMBER", "TAX_ID_TYPE", "TAX_ID_COUNTRY"),
    ] {
        if let Some(raw) = get(number) {
            let kind = get(kind_key).map_or_else(|| name.to_owned(), part);
            let place = get(place).map_or_else(|| if name == "ssn" { "us".into() } else { "-".into() }, part);
            party.claim_as(&Namespace::GOVERNMENT, &format!("{kind}/{place}/{}", digits(raw)), raw, stated);
        }
    }
    for (namespace, number, kind_key) in [
        ("account", "ACCOUNT_NUMBER", "ACCOUNT_DOMAIN"),
        ("trusted", "TRUSTED_ID_NUMBER", "TRUSTED_ID_TYPE"),
        ("other_id", "OTHER_ID_NUMBER", "OTHER_ID_TYPE"),
        ("duns", "DUNS_NUMBER", ""),
        ("npi", "NPI_NUMBER", ""),
        ("lei", "LEI_NUMBER", ""),
    ] {
        if let (Some(raw), Some(namespace)) = (get(number), Namespace::new(namespace)) {
            let value = get(kind_key)
                .map_or_else(|| raw.trim().to_owned(), |kind| format!("{}/{}", part(kind), raw.trim()));
            party.claim_as(&namespace, &value, raw, stated);
        }
    }
    if kind == PartyKind::Organisation {
        if let Some(name) = get("NAME_ORG").or_else(|| get("NAME_FULL")) {
            party.note(names::NAME, name.trim().into());
        }
    } else {
        let first = get("NAME_FIRST").map(|first| match get("NAME_MIDDLE") {
            Some(middle) => format!("{first} {middle}"),
            None => first.to_owned(),
        });
        let full = get("NAME_FULL").or_else(|| get("NAME_ORG"));
        // A name of an organisation is no person's.
        if get("NAME_ORG").is_none() {
            let fact = match (&first, get("NAME_LAST")) {
                (None, None) => full.and_then(Identifier::full_name),
                (first, last) => {
                    Identifier::name(first.as_deref().unwrap_or_default(), last.unwrap_or_default())
                }
            };
            if let Some(fact) = fact {
                party.push(fact, stated);
            }
        }
        for (name, text) in [
            (names::FIRST_NAME, get("NAME_FIRST")),
            (names::MIDDLE_NAME, get("NAME_MIDDLE")),
            (names::LAST_NAME, get("NAME_LAST")),
            (names::NAME, full),
        ] {
            if let Some(text) = text {
                party.note(name, text.trim().into());
            }
        }
        if let Some(date) = get("DATE_OF_BIRTH") {
            party.birth(date);
        }
    }
    for (name, key) in [
        (names::STREET, "ADDR_LINE1"),
        (names::CITY, "ADDR_CITY"),
        (names::STATE, "ADDR_STATE"),
        (names::POSTAL_CODE, "ADDR_POSTAL_CODE"),
        (names::COUNTRY, "ADDR_COUNTRY"),
    ] {
        if let Some(text) = get(key) {
            party.note(name, text.trim().into());
        }
    }
}

/// A type or a place as part of an identifier.
fn part(raw: &str) -> String {
    raw.trim().to_lowercase().replace('/', "_")
}

/// A document's number without the marks that people group it by.
fn digits(raw: &str) -> String {
    raw.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn relations(all: &[Feature<'_>], record: &Record, out: &mut Vec<Input>) {
    let mut tie = |kind: &str, role: Option<&str>, to: RecordKey| {
        let relation = Relation {
            from: record.key.clone(),
            to,
            kind: kind.to_owned(),
            role: role.map(|role| role.trim().to_owned()),
            observed_at: record.observed_at,
            holds: true,
            attributes: Default::default(),
        };
        out.push(Input::Relation(relation));
    };
    let source = record.key.source.as_str();
    for feature in all {
        let get = |key: &str| feature.get(key);
        if let Some(key) = get("REL_ANCHOR_KEY") {
            let domain = get("REL_ANCHOR_DOMAIN").unwrap_or(source);
            tie("anchor", None, RecordKey::new(domain.trim(), format!("anchor/{}", key.trim())));
        }
        if let Some(key) = get("REL_POINTER_KEY") {
            let domain = get("REL_POINTER_DOMAIN").unwrap_or(source);
            let to = RecordKey::new(domain.trim(), format!("anchor/{}", key.trim()));
            tie("related_to", get("REL_POINTER_ROLE"), to);
        }
        if let Some(name) = get("GROUP_ASSOCIATION_ORG_NAME") {
            let to = RecordKey::new(source, format!("group/{}", name.trim().to_lowercase()));
            tie("member_of", get("GROUP_ASSOCIATION_TYPE"), to);
        }
        if let Some(number) = get("GROUP_ASSN_ID_NUMBER") {
            let kind = get("GROUP_ASSN_ID_TYPE").map(|kind| format!("{}/", part(kind))).unwrap_or_default();
            tie("member_of", None, RecordKey::new(source, format!("group/{kind}{}", number.trim())));
        }
    }
}
