//! CSV files of records or of interactions.
//!
//! A file with a column `interaction_id` holds interactions, any other records. What a column holds is guessed from its
//! name ([`Field::guess`]) unless the [`Mapping`](super::Mapping) says it; what is not known is an attribute under the
//! column's name, and a column that the mapping names and the file has not is passed over. A record without an id
//! column is named by its first CRM id, else by its content. Of several columns that could be the time, the name or the
//! address, the best known name is taken and the others are attributes; several columns of one identifier are all
//! taken.

use super::{
    Context, Field, channel, cloudevents::address_name, content_id, direction, mapping, node::Node,
    party::Party, seconds, too_long,
};
use crate::{
    delimited::{
        NOT_UTF8,
        lines::Lines,
        rows::{NO_HEADER, Row, Rows, TOO_LONG, guess_delimiter, is_value},
    },
    error::{Error, Result},
    record::{
        Channel, Identifier, Input, Interaction, Namespace, PartyKind, Record, RecordKey, Role, Timestamp,
        Verification,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read},
};

/// What [`Table::advance`] came to.
pub(super) enum Advanced {
    Header,
    NoHeader(Error),
    Row,
    Bad(Error),
    End,
}

/// A file's header and its current row.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Option<Rows>,
    columns: Vec<Column>,
    interactions: bool,
}

#[derive(Debug)]
struct Column {
    name: String,
    field: Field,
}

impl Table {
    pub(super) fn number(&self) -> u64 {
        self.rows.as_ref().map_or(1, Rows::number)
    }

    pub(super) fn raw(&self) -> &[u8] {
        self.rows.as_ref().map_or(&[], Rows::raw)
    }

    /// The names of the columns, once the header has been read.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(super) fn advance<R: Read>(
        &mut self,
        context: &Context,
        lines: &mut Lines<R>,
    ) -> io::Result<Advanced> {
        let max = context.options.max_line_bytes;
        let known = (!self.columns.is_empty()).then_some(self.columns.len());
        let rows = match &mut self.rows {
            Some(rows) => rows,
            None => {
                let chosen = context.options.mapping.delimiter.and_then(|c| u8::try_from(c).ok());
                let header = lines.ahead()?.trim_ascii_start();
                let header = header.split(|&b| b == b'\n').next().unwrap_or_default();
                let delimiter = chosen.unwrap_or_else(|| guess_delimiter(header));
                self.rows.insert(Rows::new(delimiter))
            }
        };
        let row = rows.advance(lines, max, known)?;
        Ok(match (row, known) {
            (Row::End, _) => Advanced::End,
            (Row::Bad(reason), None) => Advanced::NoHeader(bad(reason, max).in_field("header")),
            (Row::Bad(reason), _) => Advanced::Bad(bad(reason, max)),
            (Row::Ragged(found), _) => Advanced::Bad(Error::invalid(format!(
                "has {found} fields where the header has {}",
                known.unwrap_or_default()
            ))),
            (Row::Fields, None) => match self.header(context) {
                Ok(()) => Advanced::Header,
                Err(error) => Advanced::NoHeader(error.in_field("header")),
            },
            (Row::Fields, Some(_)) => Advanced::Row,
        })
    }

    fn cell(&self, index: usize) -> Result<&str> {
        let bytes = self.rows.as_ref().map_or(&[][..], |rows| rows.field(index));
        std::str::from_utf8(bytes).map_err(|_| Error::invalid(NOT_UTF8))
    }

    fn header(&mut self, context: &Context) -> Result<()> {
        let given = &context.options.mapping.columns;
        let mut columns: Vec<Column> = Vec::new();
        let mut names = BTreeSet::new();
        for index in 0..self.rows.as_ref().map_or(0, Rows::len) {
            let mut name = self.cell(index)?.trim().to_owned();
            if name.is_empty() {
                name = format!("column_{}", index + 1);
            }
            let ignored = context.options.ignore.contains(&name);
            let field = if ignored { Field::Ignore } else { context.options.mapping.field(&name) };
            if !names.insert(name.clone()) {
                name = format!("{name}_{}", index + 1);
            }
            columns.push(Column { name, field });
        }
        if names.iter().any(|name| !given.contains_key(name) && is_value(name)) {
            return Err(Error::invalid(NO_HEADER));
        }
        // One column for each field, the one that is named or best known; identifiers may have many.
        let mut best: BTreeMap<Field, (bool, usize, usize)> = BTreeMap::new();
        let place = |(index, column): (usize, &Column)| {
            (!given.contains_key(&column.name), mapping::rank(&column.name), index)
        };
        for (index, column) in columns.iter().enumerate() {
            let place = place((index, column));
            let kept = best.entry(column.field.clone()).or_insert(place);
            *kept = place.min(*kept);
        }
        for (index, column) in columns.iter_mut().enumerate() {
            let many = matches!(column.field, Field::Identifier(_) | Field::Ignore);
            if !many && best.get(&column.field).is_some_and(|(.., chosen)| *chosen != index) {
                column.field = Field::Attribute;
            }
        }
        self.interactions = best.contains_key(&Field::InteractionId);
        self.columns = columns;
        Ok(())
    }

    /// The cells that are not empty, with their columns.
    fn cells(&self) -> Result<Vec<(&Column, &str)>> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for (index, column) in self.columns.iter().enumerate() {
            if column.field != Field::Ignore {
                let text = self.cell(index).map_err(|error| error.in_field(&column.name))?.trim();
                if !text.is_empty() {
                    cells.push((column, text));
                }
            }
        }
        Ok(cells)
    }

    pub(super) fn convert(&self, context: &Context, out: &mut Vec<Input>) -> Result<()> {
        let before = out.len();
        self.row(context, out)?;
        super::check(&out[before..], |_, field| self.column_of(field))
    }

    /// The column that holds a field of an input.
    fn column_of(&self, field: &str) -> Option<String> {
        let holds: &[Field] = match field {
            "id" if self.interactions => &[Field::InteractionId],
            "id" => &[Field::Id, Field::Identifier(Namespace::CRM)],
            "source" => &[Field::Source],
            "kind" => &[Field::Event],
            "channel" => &[Field::Channel],
            "end" => &[Field::EndedAt, Field::DurationS],
            _ => return None,
        };
        let column = holds.iter().find_map(|field| self.columns.iter().find(|column| column.field == *field));
        column.map(|column| column.name.clone())
    }

    fn row(&self, context: &Context, out: &mut Vec<Input>) -> Result<()> {
        let cells = self.cells()?;
        if cells.is_empty() {
            return Err(Error::invalid("has no value in any column"));
        }
        let get =
            |field: &Field| cells.iter().find(|(column, _)| column.field == *field).map(|(_, text)| *text);
        let time = |field: &Field| -> Result<Option<Timestamp>> {
            let Some((column, text)) = cells.iter().find(|(column, _)| column.field == *field) else {
                return Ok(None);
            };
            // Numbers are times too; a cell is always text.
            let parsed = match text.parse::<i64>() {
                Ok(number) => super::time(&Node::Int(number)),
                Err(_) => text.parse(),
            };
            parsed.map(Some).map_err(|error| error.in_field(&column.name))
        };
        let source = get(&Field::Source).map_or_else(|| context.source(&context.stem), str::to_owned);
        let mut party = Party::new(&context.normalizer);
        if let Some(country) = get(&Field::Country) {
            party.country(country);
        }
        if self.interactions {
            self.interaction(context, source, &cells, get, time, party, out)
        } else {
            let observed_at =
                time(&Field::ObservedAt)?.or(context.options.undated).unwrap_or(Timestamp::UNDATED);
            let crm = Field::Identifier(Namespace::CRM);
            let id = get(&Field::Id).or_else(|| get(&crm)).map(str::to_owned);
            let id = id.unwrap_or_else(|| content_id(&self.content(&cells)));
            let mut record = Record::new(source, id, observed_at).kind(kind(get(&Field::Kind)));
            fill(&mut party, &cells, &[Field::Id, Field::Source, Field::Kind, Field::ObservedAt]);
            record.claims = party.claims;
            record.attributes = party.attributes;
            out.push(record.into());
            Ok(())
        }
    }

    #[allow(clippy::too_many_arguments)] // The row's parts, each needed once.
    fn interaction<'c>(
        &self,
        context: &Context,
        source: String,
        cells: &[(&Column, &'c str)],
        get: impl Fn(&Field) -> Option<&'c str>,
        time: impl Fn(&Field) -> Result<Option<Timestamp>>,
        mut party: Party<'_>,
        out: &mut Vec<Input>,
    ) -> Result<()> {
        let id = get(&Field::InteractionId).map_or_else(|| content_id(&self.content(cells)), str::to_owned);
        let start = time(&Field::StartedAt)?
            .or(context.options.undated)
            .ok_or_else(|| Error::invalid("is missing").in_field("started_at"))?;
        let mut interaction = Interaction::new(&source, id, start);
        interaction.end = time(&Field::EndedAt)?;
        interaction.observed_at = time(&Field::ObservedAt)?;
        let number =
            |field: &Field| get(field).map(|text| Node::Text(text.into())).and_then(|node| seconds(&node));
        if let (None, Some(ms)) = (interaction.end, number(&Field::DurationS)) {
            interaction.end =
                Some(start.plus_micros(i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1000)));
        }
        interaction.queue_ms = number(&Field::QueueS);
        interaction.channel =
            get(&Field::Channel).map_or_else(|| Channel::Other("other".to_owned()), channel);
        interaction.direction = get(&Field::Direction).map(direction).unwrap_or_default();
        interaction.subject = get(&Field::Subject).map(str::to_owned);
        interaction.outcome = get(&Field::Outcome).map(str::to_owned);
        if let Some(kind) = get(&Field::Event) {
            interaction.kind = kind.to_owned();
        }
        if let Some(value) = get(&Field::IdValue) {
            let named = get(&Field::IdType).and_then(mapping::id_type);
            match named {
                Some(namespace) if namespace == Namespace::RECORD => {
                    let of = context.options.record_source.clone().unwrap_or(source);
                    let key = RecordKey::new(of, value);
                    match key.check() {
                        Ok(()) => party.push(Identifier::record(&key), Verification::Stated),
                        Err(_) => party.invalid(&Namespace::RECORD, value),
                    }
                }
                Some(namespace) => party.claim(&namespace, value, Verification::Stated),
                None => party.note("id_value", value.into()),
            }
        }
        let own = [
            Field::InteractionId,
            Field::Source,
            Field::StartedAt,
            Field::EndedAt,
            Field::ObservedAt,
            Field::DurationS,
            Field::QueueS,
            Field::Channel,
            Field::Direction,
            Field::Subject,
            Field::Outcome,
            Field::Event,
            Field::IdType,
            Field::IdValue,
        ];
        fill(&mut party, cells, &own);
        if !party.is_empty() {
            interaction.participants.push(party.participant(Role::Customer));
        }
        out.push(interaction.into());
        Ok(())
    }

    /// What a row without an id is named by: its columns and cells.
    fn content(&self, cells: &[(&Column, &str)]) -> Vec<u8> {
        let mut content = Vec::new();
        for (column, text) in cells {
            content.extend_from_slice(column.name.as_bytes());
            content.push(0x1f);
            content.extend_from_slice(text.as_bytes());
            content.push(0x1e);
        }
        content
    }
}

fn bad(reason: &'static str, max: usize) -> Error {
    if reason == TOO_LONG { too_long(max) } else { Error::invalid(reason) }
}

/// Takes every cell but those of `own`, which the caller has used.
fn fill(party: &mut Party<'_>, cells: &[(&Column, &str)], own: &[Field]) {
    let get = |field: Field| cells.iter().find(|(column, _)| column.field == field).map(|(_, text)| *text);
    party.name(get(Field::FirstName), get(Field::LastName), get(Field::FullName));
    for (column, text) in cells {
        match &column.field {
            Field::Identifier(namespace) => party.claim(namespace, text, Verification::Stated),
            Field::Birth => party.birth(text),
            Field::FirstName | Field::LastName | Field::FullName => {}
            field if own.contains(field) => {}
            field => party.note(address_name(field).unwrap_or(&column.name), (*text).into()),
        }
    }
}

fn kind(raw: Option<&str>) -> PartyKind {
    match raw.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
        Some("person" | "individual" | "contact" | "consumer" | "b2c") => PartyKind::Person,
        Some("organisation" | "organization" | "company" | "business" | "account" | "b2b") => {
            PartyKind::Organisation
        }
        _ => PartyKind::Unknown,
    }
}
