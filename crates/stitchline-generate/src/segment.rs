//! The events of a web site, field by field as the Segment Spec names them.

use crate::time::Stamp;
use serde::Serialize;

/// The method of the Segment Spec that an event is a call of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WebEventKind {
    /// Ties the visitor to a user id and traits.
    Identify,
    /// Something that the visitor did, live chat included.
    Track,
    /// A page view.
    Page,
    /// A former id of the user.
    Alias,
    /// An account that the user belongs to; its traits describe the account, not the user.
    Group,
}

/// One Segment event. Serialises to one line of `segment.jsonl`, without its truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebEvent {
    /// The method.
    #[serde(rename = "type")]
    pub kind: WebEventKind,
    /// The event's id, unique in the run.
    pub message_id: String,
    /// The cookie of the browser.
    pub anonymous_id: String,
    /// The login, while somebody is logged in.
    pub user_id: Option<String>,
    /// When it happened.
    pub timestamp: Stamp,
    /// When the browser sent it.
    pub sent_at: Stamp,
    /// When it arrived; days later for some. The file is in this order.
    pub received_at: Stamp,
    /// The former id (alias).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<String>,
    /// The account (group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// What happened (track).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'static str>,
    /// The page's name (page).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    /// What is known about the user (identify) or the account (group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traits: Option<Traits>,
    /// The details (track, page).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// The circumstances.
    pub context: Context,
    /// Who did it; never serialised.
    #[serde(skip)]
    pub true_id: String,
}

/// Traits of a user or an account. Fields that are not known are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traits {
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The telephone number as it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The surname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The name of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The date of birth, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
    /// The postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<PostalAddress>,
}

/// An address in traits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostalAddress {
    /// Street and number.
    pub street: String,
    /// The city.
    pub city: &'static str,
    /// The postcode.
    pub postal_code: String,
    /// The two-letter country.
    pub country: &'static str,
}

/// Properties of a track or page event; the live chat ones are named as in Segment's live chat spec.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Properties {
    /// The path of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<&'static str>,
    /// The value of the product or order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The currency of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<&'static str>,
    /// The agent in the chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The agent's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// The agent's own address, which must never identify the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_username: Option<String>,
    /// The chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// How long the chat took, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_duration: Option<u32>,
    /// The message in the chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// The circumstances of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    /// The address of the browser, from a block reserved for documentation.
    pub ip: String,
    /// The browser.
    pub user_agent: &'static str,
    /// The language.
    pub locale: &'static str,
    /// The sending library.
    pub library: Library,
    /// What the page knew about the user while it sent another kind of event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traits: Option<Traits>,
    /// Ids of other systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
}

/// A sending library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Library {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// The id of the user in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalId {
    /// The id.
    pub id: String,
    /// What id it is: `crm_id` for the id of a record of the source `crm`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whose ids they are: `users`.
    pub collection: &'static str,
    /// How it is encoded: `none`.
    pub encoding: &'static str,
}

#[cfg(test)]
mod tests {
    use crate::sink::tests::run;

    #[test]
    fn an_event_serialises_under_the_names_of_the_specification() {
        let (all, _) = run();
        let e = all.events.iter().find(|e| e.traits.is_some() && e.user_id.is_some()).unwrap();
        let json = serde_json::to_value(e).unwrap();
        assert_eq!(json["messageId"], e.message_id);
        assert_eq!(json["context"]["library"]["name"], "analytics.js");
        assert_eq!(json["receivedAt"], e.received_at.to_string());
        assert!(json.get("previousId").is_none(), "what is not known is left out");
        assert!(!json.to_string().contains(&e.true_id));
    }
}
