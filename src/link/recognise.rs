//! What the columns of a data set hold, by their headers and their content.

use super::headers::{alone, header, is_given_once, qualifies};
use crate::{
    normalize::{
        address::Address,
        date::{self, Survey},
        junk, nickname,
        person::PersonName,
        pinyin, value,
    },
    table::{RawColumn, RawTable, hash},
};
use serde::Serialize;

/// What a column is of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Given names.
    GivenName,
    /// Family names.
    FamilyName,
    /// Middle names.
    MiddleName,
    /// A whole name.
    FullName,
    /// A date of birth.
    BirthDate,
    /// The day of birth alone.
    BirthDay,
    /// The month of birth alone.
    BirthMonth,
    /// The year of birth alone.
    BirthYear,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A postal code.
    Postcode,
    /// A street, with or without the house.
    Street,
    /// A whole address, or lines of one that hold more than the street.
    Address,
    /// The number of a house alone.
    House,
    /// A town.
    City,
    /// A state or county.
    State,
    /// A country.
    Country,
    /// An organisation.
    Organisation,
    /// The organisation that somebody works for.
    Employer,
    /// A sex or gender.
    Gender,
    /// Several values in one field.
    List,
    /// A number that somebody gave out to one party.
    Identifier,
    /// One of few values, such as a gender.
    Category,
    /// Any other text.
    Text,
    /// A time at which something happened to the row, and other columns that say nothing of the party.
    Ignored,
}

/// A column with what it was taken for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recognised {
    /// The column.
    pub column: String,
    /// What it is taken for.
    pub role: Role,
    /// The share of rows that have a value.
    pub filled: f64,
    /// How many distinct values there are.
    pub distinct: u64,
    /// Of dates: whether the month comes before the day.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub month_first: bool,
    /// Of dates: whether some have the day first and some the month.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub both_orders: bool,
    /// Of names: whether some say the generation (`Jr`, `III`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub generations: bool,
    /// Of organisations: whether they are the parties themselves, since most rows that name one name no person.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_party: bool,
    /// Of names: whether some are in Chinese characters, and others of this data in Latin letters.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinyin: bool,
    /// Of e-mail addresses and phone numbers: whether some fields hold several.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lists: bool,
    /// Why it is ignored or that it is not compared, where it is so; else what is odd about its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Says what each column of a table holds. Looks at the headers and at a sample of the distinct values that does not
/// depend on the order of rows.
pub fn recognise(table: &RawTable) -> Vec<Recognised> {
    let mut all: Vec<Recognised> = table.columns().iter().map(|column| one(column, table.len())).collect();
    halves_of_names(table, &mut all);
    let of_person = |role| matches!(role, Role::GivenName | Role::FamilyName | Role::FullName);
    let texts = || {
        let names = table.columns().iter().zip(&all).filter(|(_, own)| of_person(own.role));
        names.flat_map(|(column, _)| column.values.texts())
    };
    let is_latin = |text: &&str| {
        text.contains(|c: char| c.is_ascii_alphabetic()) && !pinyin::is_read(text) && !junk::is_nothing(text)
    };
    // A few letters among Chinese names say nothing of how the others are written.
    if texts().any(pinyin::is_read) && texts().filter(is_latin).count() * LATIN >= texts().count() {
        all.iter_mut().filter(|column| of_person(column.role)).for_each(|column| column.pinyin = true);
    }
    let named = |row: usize, role: &dyn Fn(Role) -> bool| {
        let mut columns = table.columns().iter().zip(&all);
        columns.any(|(column, own)| role(own.role) && column.cells[row] != 0)
    };
    let is_organisation = |role| role == Role::Organisation;
    if all.iter().any(|column| is_organisation(column.role)) {
        let organisations = (0..table.len()).filter(|&row| named(row, &is_organisation));
        let (mut count, mut alone) = (0usize, 0usize);
        for row in organisations {
            count += 1;
            alone += usize::from(!named(row, &of_person));
        }
        all.iter_mut().filter(|column| is_organisation(column.role)).for_each(|column| {
            column.of_party = alone * 2 > count;
        });
    }
    all
}

/// A column of names beside one of given names alone is of family names where most of it is one word (`Vorname`, `Name`), and
/// of given names beside family names.
fn halves_of_names(table: &RawTable, all: &mut [Recognised]) {
    let has = |role| all.iter().any(|column| column.role == role);
    let other = match (has(Role::GivenName), has(Role::FamilyName)) {
        (true, false) => Role::FamilyName,
        (false, true) => Role::GivenName,
        _ => return,
    };
    for (column, own) in table.columns().iter().zip(all).filter(|(_, own)| own.role == Role::FullName) {
        let texts = || column.values.texts().skip(1);
        if texts().filter(|text| !text.contains(char::is_whitespace)).count() * 5 > texts().count() * 4 {
            own.role = other;
        }
    }
}

/// Shares of a sample of distinct values.
struct Content {
    mail: f64,
    date: f64,
    phone: f64,
    digits: f64,
    words: f64,
    /// Digits in one word.
    codes: f64,
    address: f64,
    list: f64,
    /// Several addresses of e-mail or phones.
    several: f64,
    generations: f64,
    month_first: bool,
    both_orders: bool,
}

fn one(column: &RawColumn, rows: usize) -> Recognised {
    let distinct = column.values.len() as u64 - 1;
    let filled = column.cells.iter().filter(|&&cell| cell != 0).count() as f64 / rows.max(1) as f64;
    let by_header = header(&column.name);
    let content = content(column, by_header);
    let made = |role, note: Option<&str>| Recognised {
        column: column.name.clone(),
        role,
        filled,
        distinct,
        month_first: role == Role::BirthDate && content.month_first,
        both_orders: role == Role::BirthDate && content.both_orders,
        generations: matches!(role, Role::GivenName | Role::FamilyName | Role::FullName)
            && content.generations > GENERATIONS,
        of_party: false,
        pinyin: false,
        lists: matches!(role, Role::Email | Role::Phone) && content.several.max(content.list) > LISTS,
        note: note.map(str::to_owned),
    };
    if distinct == 0 {
        return made(Role::Ignored, Some("it has no value"));
    }
    // Of few rows, or of some, one value may well be one party's, or another file's all.
    let of_party = by_header.is_some_and(|role| {
        use Role::{
            BirthDate, City, Email, FamilyName, FullName, GivenName, Organisation, Phone, Postcode, Street,
        };
        let parties =
            [GivenName, FamilyName, FullName, Organisation, BirthDate, Email, Phone, Street, Postcode, City];
        parties.contains(&role)
    });
    if distinct == 1 && (!of_party || rows > FEW_ROWS && filled > 0.5) {
        return made(Role::Ignored, Some("it has one value in every row that has any"));
    }
    if qualifies(&column.name) {
        return made(Role::Ignored, Some("it says something of another column"));
    }
    let role = match by_header {
        Some(Role::GivenName | Role::FamilyName) if alone(&column.name).is_some() && content.words > 1.6 => {
            Some(Role::FullName)
        }
        Some(Role::Street) if content.address > 0.2 => Some(Role::Address),
        Some(Role::Ignored) => return made(Role::Ignored, Some("it says nothing of the party")),
        Some(Role::Email) if content.mail < 0.3 => None,
        // Digits that are no days are not numbers of phones either.
        Some(Role::BirthDate) if content.date < 0.3 => Some(Role::Text),
        Some(Role::Phone) if content.phone < 0.3 => Some(Role::Category),
        other => other,
    };
    let role = role.unwrap_or({
        if content.mail > 0.5 {
            Role::Email
        } else if content.date > 0.7 {
            Role::Ignored
        } else if content.phone > 0.8 && content.digits < 0.5 {
            Role::Phone
        } else if content.list > 0.5 {
            Role::List
        } else if distinct <= 50 && (rows > 200 || distinct < rows as u64 / 5) {
            Role::Category
        } else if content.digits > 0.8 && distinct as f64 > 0.3 * filled * rows as f64 && filled > 0.3 {
            Role::Identifier
        } else {
            Role::Text
        }
    });
    // Rows of one customer have one number of theirs; what is another in each row is of the row.
    let number = match role {
        Role::Identifier => !is_given_once(&column.name),
        Role::Text => by_header.is_none() && content.codes > 0.95,
        _ => false,
    };
    if number && distinct == rows as u64 {
        return made(
            Role::Ignored,
            Some("each row has another value; if these are the rows' ids, name the column as such"),
        );
    }
    match role {
        Role::Ignored => made(role, Some("it holds dates of which the header does not say what they are")),
        // A name of which most are one word and its neighbours hold the rest is left to its header.
        Role::FullName if content.words < 1.05 && by_header.is_none() => made(Role::Text, None),
        role => made(role, None),
    }
}

/// Of more rows, a value that most of them have is no party's.
const FEW_ROWS: usize = 100;

/// Names that say a generation are told apart where more than this share of the names does.
const GENERATIONS: f64 = 0.005;

/// Addresses and numbers are read as lists where more than this share of the fields hold several.
const LISTS: f64 = 0.005;

/// One name in so many must be in Latin letters for Chinese ones to be read as they sound.
const LATIN: usize = 100;

fn content(column: &RawColumn, header: Option<Role>) -> Content {
    let one_in = (column.values.len() as u64 / 1000).max(1);
    let sample = column
        .values
        .texts()
        .skip(1)
        .filter(|text| hash(text.as_bytes()) >> 32 < u64::from(u32::MAX) / one_in + 1);
    let mut content = Content {
        mail: 0.0,
        date: 0.0,
        phone: 0.0,
        digits: 0.0,
        words: 0.0,
        codes: 0.0,
        address: 0.0,
        list: 0.0,
        several: 0.0,
        generations: 0.0,
        month_first: false,
        both_orders: false,
    };
    let is = |truth: bool| f64::from(u8::from(truth));
    let mut survey = Survey::default();
    let mut count = 0.0f64;
    for text in sample {
        count += 1.0;
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let of_phone = text.bytes().all(|b| b.is_ascii_digit() || b" +-()./".contains(&b));
        // A year alone is as likely a count of something.
        let date = text.len() > 4 && date::read(text).is_some();
        survey.add(text);
        content.mail += is(text.contains('@'));
        content.date += is(date);
        let listed = header == Some(Role::Phone) && value::phones(text).len() > 1;
        content.phone += is(listed || of_phone && (7..=15).contains(&digits));
        content.several += is(listed || text.matches('@').count() > 1);
        content.digits += is(digits == text.len());
        content.words += text.split_whitespace().count() as f64;
        content.codes += is(digits > 0 && !text.contains(char::is_whitespace));
        content.list += is(text.contains([';', '|']) || text.starts_with(['[', '{']));
        if header == Some(Role::Street) {
            let address = Address::parse(text).unwrap_or_default();
            content.address += is(!address.postcode.is_empty() || !address.city.is_empty());
        }
        if matches!(header, Some(Role::GivenName | Role::FamilyName | Role::FullName)) {
            let name = PersonName::from_parts("", "", text);
            content.generations += is(name.is_some_and(|name| name.generation().is_some()));
        }
    }
    (content.month_first, content.both_orders) = (survey.style().month_first, survey.is_mixed());
    let count = count.max(1.0);
    for share in [
        &mut content.mail,
        &mut content.date,
        &mut content.phone,
        &mut content.digits,
        &mut content.words,
        &mut content.codes,
        &mut content.address,
        &mut content.list,
        &mut content.several,
        &mut content.generations,
    ] {
        *share /= count;
    }
    content
}

/// The first file of which the header looks like a row: no column is known by its name, and one has a given name for its
/// name and given names among its values.
pub(super) fn header_of_a_row(table: &RawTable) -> Option<&str> {
    let has_given = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphabetic());
        words.any(|word| word.chars().count() > 2 && !nickname::groups(&word.to_lowercase()).is_empty())
    };
    // `12 High Street` is no header.
    let is_known = |name: &String| !name.starts_with(|c: char| c.is_ascii_digit()) && header(name).is_some();
    let holds_given = |name: &String| {
        let texts = || {
            table.find(name).into_iter().flat_map(|at| table.columns()[at].values.texts().skip(1).take(1000))
        };
        has_given(name) && texts().filter(|text| has_given(text)).count() * 10 > texts().count()
    };
    let is_a_row = |names: &Vec<String>| !names.iter().any(is_known) && names.iter().any(holds_given);
    let (file, _) = table.headers().iter().find(|(_, names)| is_a_row(names))?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_where_headers_do_not() {
        let mut table = RawTable::new(["a", "b", "c", "d", "dob"]).unwrap();
        for (id, mail, same) in [("1", "ann@example.com", "x"), ("2", "bob@example.com", "x"), ("3", "", "x")]
        {
            table.push("crm", id, &[mail, same, "", &format!("word {id}"), "not a date"]).unwrap();
        }
        let roles: Vec<Role> = recognise(&table).into_iter().map(|column| column.role).collect();
        assert_eq!(roles, [Role::Email, Role::Ignored, Role::Ignored, Role::Text, Role::Text]);
    }
}
