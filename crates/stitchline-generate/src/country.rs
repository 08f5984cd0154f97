//! The four countries, and what differs between them: dialling code, streets, mail providers, junk numbers.

/// A country whose customers are generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Country {
    /// United States.
    Us,
    /// United Kingdom.
    Gb,
    /// Germany.
    De,
    /// Spain.
    Es,
}

impl Country {
    /// The two-letter code of ISO 3166.
    ///
    /// # Example
    /// ```
    /// assert_eq!(stitchline_generate::Country::Gb.code(), "GB");
    /// ```
    pub fn code(self) -> &'static str {
        ["US", "GB", "DE", "ES"][self as usize]
    }

    pub(crate) fn dialling_code(self) -> &'static str {
        ["1", "44", "49", "34"][self as usize]
    }

    pub(crate) fn locale(self) -> &'static str {
        ["en-US", "en-GB", "de-DE", "es-ES"][self as usize]
    }

    pub(crate) fn currency(self) -> &'static str {
        ["USD", "GBP", "EUR", "EUR"][self as usize]
    }

    pub(crate) fn top_level_domain(self) -> &'static str {
        ["com", "co.uk", "de", "es"][self as usize]
    }

    /// What people type when they do not want to give a number.
    pub(crate) fn junk_phones(self) -> &'static [&'static str] {
        match self {
            Country::Us => &["0000000000", "1111111111", "null", "none"],
            Country::Gb => &["07700000000", "00000000000", "null", "n/a"],
            Country::De => &["0000000", "000000000", "null", "keine"],
            Country::Es => &["600000000", "000000000", "null", "ninguno"],
        }
    }

    /// The mail providers with the share of their users.
    pub(crate) fn mail_providers(self) -> &'static [(&'static str, u32)] {
        match self {
            Country::Us => &[
                ("gmail.com", 48),
                ("hotmail.com", 12),
                ("yahoo.com", 11),
                ("outlook.com", 9),
                ("icloud.com", 6),
                ("aol.com", 3),
                ("comcast.net", 4),
                ("att.net", 2),
            ],
            Country::Gb => &[
                ("gmail.com", 48),
                ("hotmail.com", 12),
                ("yahoo.com", 11),
                ("outlook.com", 9),
                ("icloud.com", 6),
                ("hotmail.co.uk", 7),
                ("btinternet.com", 4),
                ("sky.com", 2),
            ],
            Country::De => &[
                ("gmail.com", 40),
                ("gmx.de", 16),
                ("web.de", 14),
                ("t-online.de", 8),
                ("outlook.com", 9),
                ("icloud.com", 6),
                ("yahoo.com", 7),
            ],
            Country::Es => &[
                ("gmail.com", 48),
                ("hotmail.com", 12),
                ("hotmail.es", 8),
                ("yahoo.es", 4),
                ("outlook.com", 9),
                ("icloud.com", 6),
                ("telefonica.net", 2),
            ],
        }
    }

    /// The common names of streets.
    pub(crate) fn streets(self) -> &'static [&'static str] {
        match self {
            Country::Us => &[
                "Main",
                "Oak",
                "Park",
                "Pine",
                "Maple",
                "Cedar",
                "Elm",
                "Washington",
                "Lake",
                "Hill",
                "Walnut",
                "Spring",
                "North",
                "Ridge",
                "Lincoln",
                "Church",
                "Willow",
                "Mill",
                "Sunset",
                "Jackson",
                "River",
                "Highland",
                "Johnson",
                "View",
                "Franklin",
                "Center",
                "Forest",
                "Chestnut",
                "Cherry",
                "Jefferson",
                "Adams",
                "Meadow",
                "Valley",
                "Dogwood",
                "Hickory",
                "Spruce",
                "Madison",
                "Pleasant",
                "Birch",
                "1st",
                "2nd",
                "3rd",
                "4th",
                "5th",
                "6th",
                "7th",
                "8th",
                "9th",
                "10th",
            ],
            Country::Gb => &[
                "High",
                "Station",
                "Church",
                "Park",
                "Victoria",
                "London",
                "Manor",
                "Kings",
                "Queens",
                "Green",
                "Mill",
                "York",
                "Grange",
                "New",
                "North",
                "South",
                "West",
                "Albert",
                "Springfield",
                "George",
                "Chapel",
                "Windsor",
                "School",
                "Grove",
                "Richmond",
                "Highfield",
                "Alexandra",
                "Broad",
                "Stanley",
            ],
            Country::De => &[
                "Haupt",
                "Schul",
                "Garten",
                "Bahnhof",
                "Dorf",
                "Berg",
                "Birken",
                "Linden",
                "Kirch",
                "Wald",
                "Ring",
                "Schiller",
                "Goethe",
                "Mozart",
                "Beethoven",
                "Wiesen",
                "Rosen",
                "Mühl",
                "Feld",
                "Eichen",
            ],
            Country::Es => &[
                "Mayor",
                "Real",
                "Iglesia",
                "Sol",
                "Fuente",
                "Nueva",
                "Cervantes",
                "Constitución",
                "Andalucía",
                "Rosalía",
                "Goya",
                "Colón",
                "San Juan",
                "San José",
                "Libertad",
                "Olivo",
            ],
        }
    }

    /// The kinds of street, in full and short.
    pub(crate) fn street_kinds(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Country::Us => &[
                ("Street", "St"),
                ("Avenue", "Ave"),
                ("Road", "Rd"),
                ("Drive", "Dr"),
                ("Lane", "Ln"),
                ("Court", "Ct"),
                ("Boulevard", "Blvd"),
                ("Place", "Pl"),
            ],
            Country::Gb => &[
                ("Road", "Rd"),
                ("Street", "St"),
                ("Lane", "Ln"),
                ("Avenue", "Ave"),
                ("Close", "Cl"),
                ("Drive", "Dr"),
                ("Gardens", "Gdns"),
                ("Crescent", "Cres"),
            ],
            Country::De => &[("straße", "str."), ("weg", "weg"), ("gasse", "gasse"), ("allee", "allee")],
            Country::Es => &[("Calle", "C/"), ("Avenida", "Avda."), ("Plaza", "Pza.")],
        }
    }
}
