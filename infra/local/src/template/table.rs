//! Tables.

use std::collections::BTreeMap;

use super::{
    TemplateError,
    node::{Fields, Known, Node},
    resource::Resource,
    scope::Scope,
};

const KNOWN: Known = Known {
    used: &[
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "TimeToLiveSpecification",
        "StreamSpecification",
    ],
    ignored: &[
        "TableName",
        "BillingMode",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "DeletionProtectionEnabled",
        "Tags",
    ],
};

const ATTRIBUTE: Known = Known {
    used: &["AttributeName", "AttributeType"],
    ignored: &[],
};

const KEY: Known = Known {
    used: &["AttributeName", "KeyType"],
    ignored: &[],
};

const INDEX: Known = Known {
    used: &["IndexName", "KeySchema", "Projection"],
    ignored: &[],
};

const PROJECTION: Known = Known {
    used: &["ProjectionType", "NonKeyAttributes"],
    ignored: &[],
};

const TTL: Known = Known {
    used: &["AttributeName", "Enabled"],
    ignored: &[],
};

const STREAM: Known = Known {
    used: &["StreamViewType"],
    ignored: &[],
};

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name at DynamoDB.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key.
    pub sort: Option<KeyAttribute>,
    /// Global secondary indexes, in the template's order.
    pub indexes: Vec<Index>,
    /// The attribute with the second, counted from 1970, after which an item goes away.
    pub ttl: Option<String>,
    /// What a record of the table's stream carries; no stream if nothing.
    pub stream: Option<StreamView>,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key.
    pub sort: Option<KeyAttribute>,
    /// What it holds besides keys.
    pub projection: Projection,
}

/// An attribute that is a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: AttributeType,
}

/// The types that a key can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// `S`.
    Text,
    /// `N`.
    Number,
    /// `B`.
    Binary,
}

/// What an index holds besides the keys of the table and its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projection {
    /// Nothing.
    KeysOnly,
    /// Every attribute.
    All,
    /// These attributes.
    Include(Vec<String>),
}

/// What a record of a stream carries of the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamView {
    /// Its keys.
    KeysOnly,
    /// The item as it is.
    NewImage,
    /// The item as it was.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl AttributeType {
    /// The word that DynamoDB uses: `S`, `N` or `B`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "S",
            Self::Number => "N",
            Self::Binary => "B",
        }
    }
}

impl Projection {
    /// The word that DynamoDB uses: `KEYS_ONLY`, `ALL` or `INCLUDE`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::All => "ALL",
            Self::Include(_) => "INCLUDE",
        }
    }
}

impl StreamView {
    /// The word that DynamoDB uses, such as `NEW_AND_OLD_IMAGES`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

type Types = BTreeMap<String, AttributeType>;

pub(super) fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Table, TemplateError> {
    let place = resource.place();
    let mut fields = scope.fields(resource, &KNOWN)?;
    let types = attribute_types(&mut fields)?;
    let (partition, sort) = keys(&mut fields, &types)?;
    let indexes = fields
        .items("GlobalSecondaryIndexes")?
        .into_iter()
        .map(|node| index(node, &types))
        .collect::<Result<_, _>>()?;
    Ok(Table {
        logical_id: resource.id.clone(),
        name: scope.name(resource, &place)?,
        arn: scope.arn(resource, &place)?,
        partition,
        sort,
        indexes,
        ttl: ttl(&mut fields)?,
        stream: stream(&mut fields)?,
    })
}

fn attribute_types(fields: &mut Fields) -> Result<Types, TemplateError> {
    const MEANINGS: [(&str, AttributeType); 3] = [
        ("S", AttributeType::Text),
        ("N", AttributeType::Number),
        ("B", AttributeType::Binary),
    ];
    let mut types = Types::new();
    for node in fields.required("AttributeDefinitions")?.items()? {
        let mut fields = node.fields(&ATTRIBUTE)?;
        let name = fields.required("AttributeName")?.text()?;
        types.insert(name, fields.required("AttributeType")?.choice(&MEANINGS)?);
    }
    Ok(types)
}

fn keys(
    fields: &mut Fields,
    types: &Types,
) -> Result<(KeyAttribute, Option<KeyAttribute>), TemplateError> {
    let schema = fields.required("KeySchema")?;
    let place = schema.place().clone();
    let (mut partition, mut sort) = (None, None);
    for node in schema.items()? {
        let mut fields = node.fields(&KEY)?;
        let node = fields.required("AttributeName")?;
        let name = node.text()?;
        let kind = types.get(&name).copied().ok_or_else(|| {
            node.place()
                .unresolved(format!("definition of the attribute {name}"))
        })?;
        let key = KeyAttribute { name, kind };
        let hash = fields
            .required("KeyType")?
            .choice(&[("HASH", true), ("RANGE", false)])?;
        if hash { &mut partition } else { &mut sort }.replace(key);
    }
    let partition = partition.ok_or_else(|| place.invalid("one HASH key"))?;
    Ok((partition, sort))
}

fn index(node: Node, types: &Types) -> Result<Index, TemplateError> {
    let mut fields = node.fields(&INDEX)?;
    let (partition, sort) = keys(&mut fields, types)?;
    Ok(Index {
        name: fields.required("IndexName")?.text()?,
        partition,
        sort,
        projection: projection(fields.required("Projection")?)?,
    })
}

fn projection(node: Node) -> Result<Projection, TemplateError> {
    let mut fields = node.fields(&PROJECTION)?;
    let attributes = fields
        .optional("NonKeyAttributes")
        .map_or(Ok(Vec::new()), Node::texts)?;
    let meanings = [
        Projection::KeysOnly,
        Projection::All,
        Projection::Include(attributes),
    ]
    .map(|projection| (projection.as_str(), projection));
    fields.required("ProjectionType")?.choice(&meanings)
}

fn ttl(fields: &mut Fields) -> Result<Option<String>, TemplateError> {
    let Some(node) = fields.optional("TimeToLiveSpecification") else {
        return Ok(None);
    };
    let mut fields = node.fields(&TTL)?;
    if fields.required("Enabled")?.flag()? {
        fields.required("AttributeName")?.text().map(Some)
    } else {
        Ok(None)
    }
}

fn stream(fields: &mut Fields) -> Result<Option<StreamView>, TemplateError> {
    let Some(node) = fields.optional("StreamSpecification") else {
        return Ok(None);
    };
    let meanings = [
        StreamView::KeysOnly,
        StreamView::NewImage,
        StreamView::OldImage,
        StreamView::NewAndOldImages,
    ]
    .map(|view| (view.as_str(), view));
    let mut fields = node.fields(&STREAM)?;
    fields
        .required("StreamViewType")?
        .choice(&meanings)
        .map(Some)
}
