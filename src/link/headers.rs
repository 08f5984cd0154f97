//! What the headers of columns say, in the languages that are known.

use super::recognise::Role;
use crate::normalize::fold;

/// Words of headers of numbers of which a party has one.
const ONE_EACH: &[&str] = &[
    "ssn",
    "soc sec",
    "social insurance",
    "national insurance",
    "nino",
    "uen",
    "social security",
    "passport",
    "national id",
    "driver",
    "drivers license",
    "driving licence",
    "lei",
    "nhs",
    "medicare",
];

/// Words of headers with what they mean, the more telling first.
const HEADERS: &[(&[&str], Role)] = &[
    (&["type", "role", "usage"], Role::Category),
    (
        &[
            "email",
            "e mail",
            "mail address",
            "mail",
            "emailadresse",
            "mailadresse",
            "courriel",
            "correo",
            "emailadres",
            "mailadres",
        ],
        Role::Email,
    ),
    (
        &[
            "phone number",
            "phone",
            "telephone",
            "mobile",
            "cell",
            "tel",
            "fax",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "mobilnummer",
            "mobiltelefon",
            "festnetz",
            "rufnummer",
            "portable",
            "telefono",
            "movil",
            "celular",
            "cellulare",
            "telefoon",
            "telefoonnummer",
            "telefone",
            "telemovel",
        ],
        Role::Phone,
    ),
    (&["birth year", "year of birth", "birthyear", "yob"], Role::BirthYear),
    (&["birth month", "month of birth", "birthmonth", "mob"], Role::BirthMonth),
    (&["birth day", "day of birth"], Role::BirthDay),
    (
        &[
            "date of birth",
            "birth date",
            "birthdate",
            "birthday",
            "born",
            "dob",
            "geburtsdatum",
            "geburtstag",
            "geb datum",
            "geboren",
            "fecha nac",
            "ne le",
            "nee le",
            "naissance",
            "nacimiento",
            "nascita",
            "geboortedatum",
            "nascimento",
        ],
        Role::BirthDate,
    ),
    (
        &[
            "nom complet",
            "nombre completo",
            "nome completo",
            "name full",
            "nom et prenom",
            "nom prenom",
            "prenom et nom",
            "prenom nom",
            "nombre y apellidos",
            "apellidos y nombre",
            "nome e cognome",
            "cognome e nome",
            "nome e apelido",
            "nome e sobrenome",
            "vor und nachname",
            "vorname und nachname",
            "naam",
        ],
        Role::FullName,
    ),
    (
        &[
            "first name",
            "given name",
            "forename",
            "firstname",
            "givenname",
            "fname",
            "name first",
            "vorname",
            "first",
            "prenom",
            "voornaam",
        ],
        Role::GivenName,
    ),
    (&["middle name", "name middle", "second name", "middlename", "middle"], Role::MiddleName),
    (
        &[
            "last name",
            "family name",
            "surname",
            "lastname",
            "familyname",
            "lname",
            "name last",
            "nachname",
            "last",
            "familienname",
            "nom de famille",
            "apellido",
            "apellidos",
            "cognome",
            "achternaam",
            "apelido",
            "sobrenome",
        ],
        Role::FamilyName,
    ),
    (
        &[
            "name org",
            "organisation",
            "organization",
            "company",
            "business",
            "org",
            "firm",
            "firma",
            "unternehmen",
            "societe",
            "entreprise",
            "empresa",
            "azienda",
            "bedrijf",
        ],
        Role::Organisation,
    ),
    (&["employer", "works for", "workplace"], Role::Employer),
    (&["full address", "address full", "addr full", "whole address"], Role::Address),
    (
        &[
            "postcode",
            "post code",
            "zip",
            "zipcode",
            "postal code",
            "postalcode",
            "plz",
            "postleitzahl",
            "code postal",
            "codigo postal",
        ],
        Role::Postcode,
    ),
    (&["street number", "house number", "house no", "street no", "hausnummer"], Role::House),
    (&["country", "land", "pays", "pais", "paese"], Role::Country),
    (&["state", "county", "province", "region", "bundesland", "provincia"], Role::State),
    (
        &[
            "city",
            "town",
            "suburb",
            "locality",
            "ort",
            "stadt",
            "wohnort",
            "ville",
            "ciudad",
            "citta",
            "plaats",
            "cidade",
            "woonplaats",
            "localidade",
            "localidad",
            "localite",
            "poblacion",
        ],
        Role::City,
    ),
    (
        &[
            "street",
            "address",
            "addr",
            "strasse",
            "adresse",
            "anschrift",
            "rue",
            "calle",
            "direccion",
            "indirizzo",
            "straat",
            "adres",
            "endereco",
            "morada",
        ],
        Role::Street,
    ),
    (ONE_EACH, Role::Identifier),
    (&["license", "licence", "tax", "account", "iban", "vat"], Role::Identifier),
    (&["gender", "sex"], Role::Gender),
    (&["updated", "created", "modified", "timestamp", "observed", "inserted", "loaded"], Role::Ignored),
    (&["full name", "fullname", "name"], Role::FullName),
];

/// Headers that are one word, which beside others means something else: `nombre de pedidos`, `nom de la société`,
/// `consent_given`. Where most values are of several words, they are whole names.
const ALONE: &[(&str, Role)] = &[
    ("given", Role::GivenName),
    ("nombre", Role::GivenName),
    ("nombres", Role::GivenName),
    ("nome", Role::GivenName),
    ("nom", Role::FamilyName),
    ("kunde", Role::FullName),
    ("cap", Role::Postcode),
    ("cep", Role::Postcode),
    ("cp", Role::Postcode),
];

/// Whether a header is of a country, state or date that belongs to a number given out: `passport_country`.
pub(super) fn qualifies(name: &str) -> bool {
    let padded = padded(name);
    let has = |list: &[&str]| says(&padded, list);
    let number = HEADERS.iter().filter(|(_, role)| *role == Role::Identifier).any(|(words, _)| has(words))
        || has(&["id", "rel"]);
    number
        && has(&[
            "country",
            "state",
            "issuer",
            "issued",
            "expiry",
            "expires",
            "authority",
            "type",
            "role",
            "key",
        ])
}

/// Words out of `firstName`, `FIRST_NAME`, `first name`.
pub(super) fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && lower {
                words.push(' ');
            }
            lower = c.is_lowercase();
            words.extend(c.to_lowercase());
        } else {
            if !words.ends_with(' ') {
                words.push(' ');
            }
            lower = false;
        }
    }
    words.trim().to_owned()
}

/// A header's words without accents, with a space before and after each.
fn padded(name: &str) -> String {
    format!(" {} ", fold::words(&words(name)))
}

/// Whether some of the known words stand in a header.
fn says(padded: &str, known: &[&str]) -> bool {
    known.iter().any(|known| padded.contains(&format!(" {known} ")))
}

pub(super) fn header(name: &str) -> Option<Role> {
    let padded = padded(name);
    let numbered = |word: &&str| {
        padded.split(' ').any(|own| own.trim_end_matches(|c: char| c.is_ascii_digit()) == *word)
    };
    HEADERS
        .iter()
        .find(|(known, _)| says(&padded, known) || known.iter().any(numbered))
        .map(|(_, role)| *role)
        .or_else(|| alone(name))
}

/// What a header of one word means that means something else beside others.
pub(super) fn alone(name: &str) -> Option<Role> {
    let padded = padded(name);
    let own = padded.trim().trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    ALONE.iter().find(|(word, _)| *word == own).map(|(_, role)| *role)
}

/// Whether a header says that a party has one such number, as of social security and unlike of accounts.
pub(super) fn is_given_once(name: &str) -> bool {
    says(&padded(name), ONE_EACH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        for (name, expected) in [
            ("first_name", Some(Role::GivenName)),
            ("surname", Some(Role::FamilyName)),
            ("PRIMARY_NAME_FULL", Some(Role::FullName)),
            ("PRIMARY_NAME_ORG", Some(Role::Organisation)),
            ("dateOfBirth", Some(Role::BirthDate)),
            ("birth_year", Some(Role::BirthYear)),
            ("EMAIL_ADDRESS", Some(Role::Email)),
            ("address_1", Some(Role::Street)),
            ("ADDR_POSTAL_CODE", Some(Role::Postcode)),
            ("soc_sec_id", Some(Role::Identifier)),
            ("street_number", Some(Role::House)),
            ("phone2", Some(Role::Phone)),
            ("updated_at", Some(Role::Ignored)),
            ("Geburtstag", Some(Role::BirthDate)),
            ("date de naissance", Some(Role::BirthDate)),
            ("Prénom", Some(Role::GivenName)),
            ("nom", Some(Role::FamilyName)),
            ("nombre completo", Some(Role::FullName)),
            ("Nombre y apellidos", Some(Role::FullName)),
            ("Nom et prénom", Some(Role::FullName)),
            ("nombre de commandes", None),
            ("consent_given", None),
            ("Nom de la société", Some(Role::Organisation)),
            ("nome", Some(Role::GivenName)),
            ("cognome", Some(Role::FamilyName)),
            ("sobrenome", Some(Role::FamilyName)),
            ("naam", Some(Role::FullName)),
            ("voornaam", Some(Role::GivenName)),
            ("telefoonnummer", Some(Role::Phone)),
            ("e-mailadres", Some(Role::Email)),
            ("nombre 2", Some(Role::GivenName)),
            ("Straße", Some(Role::Street)),
            ("Handy", Some(Role::Phone)),
            ("téléphone", Some(Role::Phone)),
            ("código postal", Some(Role::Postcode)),
            ("amount", None),
        ] {
            assert_eq!(header(name), expected, "{name}");
        }
    }

    #[test]
    fn numbers_of_which_there_is_one_each() {
        for name in ["SSN_NUMBER", "soc_sec_id", "passport_number", "DRIVERS_LICENSE_NUMBER"] {
            assert!(is_given_once(name), "{name}");
            assert_eq!(header(name), Some(Role::Identifier), "{name}");
        }
        assert!(!is_given_once("account") && !is_given_once("iban"));
    }
}
