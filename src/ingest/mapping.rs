//! What the columns of a CSV file and the plain fields of an event mean, guessed from their names.

use super::{fold, party};
use crate::{
    error::{Error, Result},
    record::Namespace,
    settings::from_toml,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

/// What a column holds.
///
/// Written in lower case with underscores (`first_name`), an identifier as its namespace (`email`, `crm`, or
/// `ns:loyalty` for a namespace of your own):
///
/// ```
/// use stitchline::{Namespace, ingest::Field};
///
/// assert_eq!("first_name".parse::<Field>()?, Field::FirstName);
/// assert_eq!("email".parse::<Field>()?, Field::Identifier(Namespace::EMAIL));
/// assert_eq!("ns:loyalty".parse::<Field>()?.to_string(), "ns:loyalty");
/// assert_eq!(Field::guess("Handynummer"), Some(Field::Identifier(Namespace::PHONE)));
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Field {
    /// Not looked at.
    Ignore,
    /// Kept as an attribute under the column's own name.
    Attribute,
    /// The record's id.
    Id,
    /// The source of the row.
    Source,
    /// Person or organisation.
    Kind,
    /// When the source knew this.
    ObservedAt,
    /// The given name.
    FirstName,
    /// Further given names.
    MiddleName,
    /// The family name.
    LastName,
    /// The whole name.
    FullName,
    /// The date of birth.
    Birth,
    /// Street and number.
    Street,
    /// Town.
    City,
    /// State or region.
    State,
    /// Postal code.
    PostalCode,
    /// Country, by code or name; also where national phone numbers of the row are from.
    Country,
    /// The company's name.
    Organisation,
    /// An identifier of the party.
    Identifier(Namespace),
    /// The interaction's id; a file that has it holds interactions.
    InteractionId,
    /// The interaction's channel.
    Channel,
    /// Inbound or outbound.
    Direction,
    /// The kind of interaction.
    Event,
    /// When the interaction began.
    StartedAt,
    /// When the interaction ended.
    EndedAt,
    /// How many seconds the interaction lasted.
    DurationS,
    /// How many seconds the customer waited.
    QueueS,
    /// What it was about.
    Subject,
    /// How it ended.
    Outcome,
    /// What kind of identifier `id_value` holds: `phone`, `email`, `user_id`, `record`, or a namespace.
    IdType,
    /// The identifier of the customer who took part.
    IdValue,
}

/// Fields by their own names.
const NAMED: &[(&str, Field)] = &[
    ("ignore", Field::Ignore),
    ("attribute", Field::Attribute),
    ("id", Field::Id),
    ("source", Field::Source),
    ("kind", Field::Kind),
    ("observed_at", Field::ObservedAt),
    ("first_name", Field::FirstName),
    ("middle_name", Field::MiddleName),
    ("last_name", Field::LastName),
    ("full_name", Field::FullName),
    ("birth", Field::Birth),
    ("street", Field::Street),
    ("city", Field::City),
    ("state", Field::State),
    ("postal_code", Field::PostalCode),
    ("country", Field::Country),
    ("organisation", Field::Organisation),
    ("interaction_id", Field::InteractionId),
    ("channel", Field::Channel),
    ("direction", Field::Direction),
    ("event", Field::Event),
    ("started_at", Field::StartedAt),
    ("ended_at", Field::EndedAt),
    ("duration_s", Field::DurationS),
    ("queue_s", Field::QueueS),
    ("subject", Field::Subject),
    ("outcome", Field::Outcome),
    ("id_type", Field::IdType),
    ("id_value", Field::IdValue),
];

const EMAIL: Field = Field::Identifier(Namespace::EMAIL);
const PHONE: Field = Field::Identifier(Namespace::PHONE);
const COOKIE: Field = Field::Identifier(Namespace::COOKIE);
const DEVICE: Field = Field::Identifier(Namespace::DEVICE);
const LOGIN: Field = Field::Identifier(Namespace::LOGIN);
const CRM: Field = Field::Identifier(Namespace::CRM);
const ACCOUNT: Field = Field::Identifier(Namespace::ACCOUNT);

/// What sources call them: English, German, French, Spanish, Italian, Dutch, Portuguese. Folded: letters and digits.
const CALLED: &[(Field, &str)] = &[
    (Field::Id, "id recordid rowid uid key externalid"),
    (Field::Source, "source datasource sourcesystem system quelle origen"),
    (Field::Kind, "kind recordtype partytype entitytype"),
    (
        Field::ObservedAt,
        "observedat updatedat updated lastupdated lastupdate lastmodified lastmodifieddate modifiedat modified \
         modifydate changedat createdat created createddate asof geandertam aktualisiertam modifiele actualizado",
    ),
    (
        Field::FirstName,
        "firstname givenname given forename first fname vorname prenom nombre nome voornaam primeironome",
    ),
    (Field::MiddleName, "middlename middle secondname zweitername"),
    (
        Field::LastName,
        "lastname surname familyname family last lname nachname familienname nomdefamille nom apellido apellidos \
         cognome achternaam sobrenome apelido",
    ),
    (
        Field::FullName,
        "name fullname displayname contactname customername nomcomplet nombrecompleto nomecompleto kundenname",
    ),
    (
        Field::Birth,
        "dob birth birthdate dateofbirth birthday born geburtsdatum geburtstag datedenaissance naissance \
         fechadenacimiento fechanacimiento datadinascita geboortedatum datadenascimento",
    ),
    (
        Field::Street,
        "street address address1 addressline1 streetaddress addrline1 mailingstreet strasse strassehausnummer rue \
         adresse calle direccion via indirizzo straat rua endereco",
    ),
    (Field::City, "city town place mailingcity ort stadt ville ciudad citta plaats stad cidade wohnort"),
    (Field::State, "state province county mailingstate bundesland provincia provincie estado"),
    (
        Field::PostalCode,
        "postalcode postcode zip zipcode addrpostalcode mailingpostalcode plz postleitzahl codepostal codigopostal \
         cap cp",
    ),
    (Field::Country, "country countrycode mailingcountry land pays pais paese nazione"),
    (
        Field::Organisation,
        "company companyname organisation organization org employer business firma unternehmen societe entreprise \
         empresa azienda bedrijf accountname",
    ),
    (
        EMAIL,
        "email emailaddress mail emailid workemail homeemail personalemail otheremail privateemail businessemail \
         customeremail courriel adressemail correo correoelectronico emailadresse mailadresse email1 email2",
    ),
    (
        PHONE,
        "phone phonenumber telephone telephonenumber tel mobile mobilephone mobilenumber mobileno cell cellphone \
         landline homephone workphone otherphone businessphone phone1 phone2 msisdn customerphone contactnumber ani \
         callerid telefon telefonnummer handy handynummer mobil mobilnummer mobiltelefon festnetz rufnummer portable \
         telephonemobile telefono movil celular cellulare telefoon mobiel telefone telemovel",
    ),
    (COOKIE, "anonymousid cookie cookieid visitorid browserid anonid webid journeycookie"),
    (DEVICE, "deviceid advertisingid idfa idfv gaid aaid androidid maid"),
    (LOGIN, "userid login loginid useraccount usuario benutzer utilisateur accountuserid"),
    (
        CRM,
        "crmid crmcontactid contactid customerid customerno customernumber clientid kundennummer kundennr numeroclient \
         numerocliente clienteid klantnummer salesforceid hubspotid leadid personid crm",
    ),
    (
        ACCOUNT,
        "account accountnumber accountno accountid membershipnumber memberid policynumber contractnumber \
         kontonummer vertragsnummer numerodecompte cuenta",
    ),
    (Field::Identifier(Namespace::GOVERNMENT), "governmentid"),
    (Field::InteractionId, "interactionid eventid conversationid callid ticketid caseid"),
    (Field::Channel, "channel kanal canal kanaal"),
    (Field::Direction, "direction richtung sens direccionllamada"),
    (Field::Event, "event eventtype eventname interactiontype"),
    (Field::StartedAt, "startedat start starttime startdate timestamp time occurredat happenedat datetime"),
    (Field::EndedAt, "endedat end endtime enddate"),
    (Field::DurationS, "durations duration durationseconds durationsec seconds handletime"),
    (Field::QueueS, "queues queueseconds waitseconds waittime queuetime"),
    (Field::Subject, "subject topic betreff asunto objet oggetto reason"),
    (Field::Outcome, "outcome result disposition wrapup wrapupcode ergebnis resultado"),
    (Field::IdType, "idtype identifiertype"),
    (Field::IdValue, "idvalue identifier identifiervalue"),
];

/// Every name that sources use, sorted, with its place in [`CALLED`]: the field, and the rank among its names.
static BY_NAME: LazyLock<Vec<(&str, usize, usize)>> = LazyLock::new(|| {
    let each = |(field, (_, names)): (usize, &(Field, &'static str))| {
        let ranked = names.split_ascii_whitespace().enumerate();
        ranked.map(move |(rank, name)| (name, field, rank)).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = CALLED.iter().enumerate().flat_map(each).collect();
    all.sort_unstable();
    all
});

fn called(name: &str) -> Option<&'static (&'static str, usize, usize)> {
    if name.len() > 64 {
        return None;
    }
    let folded = fold(name);
    BY_NAME.binary_search_by_key(&folded.as_str(), |(name, ..)| name).ok().map(|at| &BY_NAME[at])
}

impl Field {
    /// What a column of that name holds, by common names in seven languages; none where the name says nothing.
    pub fn guess(name: &str) -> Option<Field> {
        called(name).map(|(_, field, _)| CALLED[*field].0.clone())
    }
}

/// Which of two columns with the same guess is meant more: the lower.
pub(super) fn rank(name: &str) -> usize {
    called(name).map_or(usize::MAX, |(_, _, rank)| *rank)
}

impl FromStr for Field {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some((_, field)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(field.clone());
        }
        let (name, own) = match text.strip_prefix("ns:") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let fault = || {
            Error::invalid(format!(
                "is no field; the fields are {}, the namespaces (email, phone, cookie, device, login, crm, account, \
                 social, government, name) and ns:<your own namespace>",
                NAMED.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
            ))
        };
        let namespace = Namespace::new(name).ok_or_else(fault)?;
        let known = ["email", "phone", "cookie", "device", "login", "crm", "account", "social", "government"];
        match name {
            "name" => Ok(Field::FullName),
            "record" => Err(fault()),
            _ if own || known.contains(&name) => Ok(Field::Identifier(namespace)),
            _ => Err(fault()),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMED.iter().find(|(_, field)| field == self) {
            Some((name, _)) => f.write_str(name),
            None => match self {
                Field::Identifier(namespace) if matches!(Field::from_str(namespace.as_str()), Ok(field) if field == *self) => {
                    namespace.fmt(f)
                }
                Field::Identifier(namespace) => write!(f, "ns:{namespace}"),
                _ => f.write_str("attribute"),
            },
        }
    }
}

impl TryFrom<String> for Field {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

/// What the columns of a CSV file hold, where the guess from their names is not right.
///
/// ```
/// use stitchline::ingest::Mapping;
///
/// let mapping = Mapping::from_toml("delimiter = ';'\n[columns]\nKd_Nr = 'crm'\nnotes = 'ignore'\n")?;
/// assert_eq!(mapping.columns["Kd_Nr"].to_string(), "crm");
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// The delimiter. Default: the one of `,` `;` tab and `|` that the header has most of.
    pub delimiter: Option<char>,
    /// What a column holds, by the column's name. One that a file does not have is passed over, so that one mapping
    /// serves several files; [`Reader::columns`](super::Reader::columns) tells what a file has. Default: guessed, see
    /// [`Field::guess`].
    pub columns: BTreeMap<String, Field>,
}

impl Mapping {
    /// Reads a mapping from TOML.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming what is wrong.
    pub fn from_toml(text: &str) -> Result<Self> {
        let mapping: Mapping = from_toml(text).map_err(|error| error.in_field("mapping"))?;
        if mapping.delimiter.is_some_and(|c| !c.is_ascii() || "\"\r\n".contains(c)) {
            return Err(Error::invalid("is not one ASCII character other than a quote or a line end")
                .in_field("mapping.delimiter"));
        }
        Ok(mapping)
    }

    /// Sets what a column holds.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, field: Field) -> Self {
        self.columns.insert(name.into(), field);
        self
    }

    /// What the column of that name holds.
    pub(super) fn field(&self, name: &str) -> Field {
        self.columns.get(name).cloned().or_else(|| Field::guess(name)).unwrap_or(Field::Attribute)
    }
}

/// What `id_type` means in a file of interactions.
pub(super) fn id_type(raw: &str) -> Option<Namespace> {
    if raw.len() > 64 {
        return None;
    }
    match fold(raw).as_str() {
        "record" | "recordid" => Some(Namespace::RECORD),
        _ => match Field::guess(raw) {
            Some(Field::Identifier(namespace)) => Some(namespace),
            _ => party::namespace(raw),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_written_as_it_is_read() {
        for (name, field) in NAMED {
            assert_eq!(field.to_string(), *name);
            assert_eq!(name.parse::<Field>().unwrap(), *field);
        }
        for name in ["email", "ns:loyalty", "ns:subject"] {
            assert_eq!(name.parse::<Field>().unwrap().to_string(), name);
        }
        assert!("loyalty".parse::<Field>().is_err() && "record".parse::<Field>().is_err());
    }

    #[test]
    fn no_name_means_two_things() {
        let mut all: Vec<&str> =
            CALLED.iter().flat_map(|(_, names)| names.split_ascii_whitespace()).collect();
        all.sort_unstable();
        let repeated = all.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(repeated, None);
    }

    #[test]
    fn headers_of_several_languages() {
        for (name, field) in [
            ("First Name", "first_name"),
            ("NACHNAME", "last_name"),
            ("Prénom", "first_name"),
            ("e-mail", "email"),
            ("Código Postal", "postal_code"),
            ("Straße", "street"),
            ("updated_at", "observed_at"),
            ("crm id", "crm"),
            ("Mobile Phone", "phone"),
        ] {
            assert_eq!(Field::guess(name).unwrap().to_string(), field, "{name}");
        }
        assert_eq!(Field::guess("true_id"), None);
    }
}
