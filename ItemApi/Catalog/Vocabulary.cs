namespace Sluice.ItemApi.Catalog;

/// <summary>The words that items are made of. A change here is a new edition of <see cref="ItemRecipe"/>.</summary>
internal static class Vocabulary
{
    internal sealed record Product(string Noun, int TypicalPrice, params string[] Makes);

    internal sealed record Department(Product[] Products, string[] Features);

    internal static readonly string[] Series =
    [
        "Alder", "Arden", "Aster", "Birka", "Borealis", "Brisa", "Calder", "Corvo", "Dalby", "Delta", "Ember", "Fjord", "Garda", "Halden",
        "Iris", "Juno", "Karst", "Kestrel", "Lumen", "Marlow", "Mistral", "Nimbus", "Norra", "Oslo", "Pallas", "Quill", "Rhone", "Sable",
        "Solstice", "Strand", "Tarn", "Tundra", "Umbra", "Vale", "Verso", "Vesta", "Wren", "Yara", "Zenit", "Zephyr",
    ];

    internal static readonly string[] Colours =
    [
        "Graphite", "Ivory", "Sage", "Navy", "Terracotta", "Charcoal", "Sand", "Forest", "Slate", "Mustard", "Natural", "Black",
    ];

    internal static readonly decimal[] PriceEndings = [0.00m, 0.49m, 0.50m, 0.90m, 0.95m, 0.99m, 0.99m];

    internal static readonly string[] Assurances =
    [
        "Two-year warranty.", "Spare parts are available for ten years.", "Ships within two days.", "Made in small batches.",
        "Packed without plastic.", "Returns are free within 30 days.", "Five-year warranty.",
    ];

    internal static readonly Department[] Departments =
    [
        new(
            [
                new("Kettle", 49, "Stainless Steel", "Enamelled", "Copper"),
                new("Frying Pan 28 cm", 55, "Cast Iron", "Carbon Steel", "Ceramic-Coated"),
                new("Stockpot 8 l", 79, "Stainless Steel", "Enamelled", "Copper"),
                new("Coffee Grinder", 89, "Stainless Steel", "Walnut", "Matte"),
                new("Pour-Over Set", 39, "Glass", "Stoneware", "Copper"),
                new("Cutting Board", 29, "Walnut", "Beech", "Bamboo"),
                new("Knife Block", 95, "Walnut", "Ash", "Magnetic"),
                new("Mixing Bowl Set", 35, "Stainless Steel", "Stoneware", "Glass"),
            ],
            [
                "Made for daily use.", "Easy to clean by hand or machine.", "Balanced, so it feels light.",
                "Stores well in small kitchens.", "Takes on neither smell nor taste.", "Ages well and can be restored.",
            ]),
        new(
            [
                new("Desk Lamp", 59, "Brass", "Powder-Coated", "Oak"),
                new("Floor Lamp", 129, "Brass", "Linen", "Walnut"),
                new("Pendant Light", 99, "Opal Glass", "Rattan", "Copper"),
                new("Wall Sconce", 69, "Brass", "Opal Glass", "Plaster"),
                new("Reading Light", 34, "Aluminium", "Brass", "Clip-On"),
                new("Lantern", 45, "Galvanised", "Glass", "Rattan"),
            ],
            [
                "Dims smoothly down to one per cent.", "Warm white light at 2700 K.", "Casts a soft light without glare.",
                "The light source can be replaced.", "Doesn't flicker, also on camera.", "Switches without a sound.",
            ]),
        new(
            [
                new("Standing Desk", 449, "Oak", "Birch", "Linoleum-Top"),
                new("Office Chair", 289, "Mesh", "Wool", "Leather"),
                new("Monitor Arm", 119, "Aluminium", "Steel", "Gas-Spring"),
                new("Filing Cabinet", 179, "Steel", "Oak", "Birch"),
                new("Desk Organiser", 25, "Felt", "Bamboo", "Cork"),
                new("Notebook A5", 14, "Linen-Bound", "Recycled", "Dotted"),
                new("Whiteboard", 85, "Glass", "Enamelled", "Magnetic"),
                new("Laptop Stand", 49, "Aluminium", "Bamboo", "Foldable"),
            ],
            [
                "Rounded edges all round.", "The finish doesn't show fingerprints.", "Matches the rest of the series.",
                "Made of certified materials.", "Tested for twenty years of office use.", "Designed with people who work from home.",
            ]),
        new(
            [
                new("Tent 2P", 329, "Ripstop", "Ultralight", "Four-Season"),
                new("Sleeping Bag", 159, "Down", "Synthetic", "Quilted"),
                new("Backpack 45 l", 139, "Ripstop", "Waxed Canvas", "Roll-Top"),
                new("Camping Stove", 69, "Titanium", "Folding", "Multi-Fuel"),
                new("Trekking Poles", 79, "Carbon", "Aluminium", "Folding"),
                new("Headlamp", 39, "Rechargeable", "Waterproof", "Ultralight"),
                new("Water Filter", 45, "Ceramic", "Inline", "Ultralight"),
                new("Dry Bag 20 l", 24, "Ripstop", "Recycled", "Roll-Top"),
            ],
            [
                "Packs down small.", "Can be repaired in the field.", "Tested at minus ten degrees.",
                "Works with gloves on.", "Made for weeks on the trail.", "Keeps working in steady rain.",
            ]),
        new(
            [
                new("Headphones", 199, "Closed-Back", "Wireless", "Studio"),
                new("Bookshelf Speakers", 349, "Walnut", "Ash", "Active"),
                new("Portable Speaker", 89, "Waterproof", "Aluminium", "Felt"),
                new("Turntable", 399, "Walnut", "Belt-Drive", "Acrylic"),
                new("Soundbar", 249, "Compact", "Aluminium", "Fabric"),
                new("Earbuds", 119, "Wireless", "Noise-Cancelling", "Compact"),
            ],
            [
                "A clear middle and a bass that doesn't boom.", "Measured and matched by hand.", "Every wearing part can be replaced.",
                "Wakes up within a second.", "Tuned with working musicians.", "Sounds good at low volume too.",
            ]),
        new(
            [
                new("Bath Towel", 29, "Organic Cotton", "Linen", "Waffle-Weave"),
                new("Bath Mat", 25, "Cork", "Teak", "Organic Cotton"),
                new("Shower Curtain", 32, "Linen", "Recycled", "Waxed Cotton"),
                new("Soap Dispenser", 19, "Ceramic", "Glass", "Stainless Steel"),
                new("Laundry Basket", 45, "Rattan", "Seagrass", "Felt"),
                new("Mirror 60 cm", 89, "Brass-Framed", "Teak-Framed", "Frameless"),
            ],
            [
                "Made for damp rooms.", "Matches the rest of the series.", "Colours hold over the years.",
                "Certified free of harmful substances.", "Comes in three sizes.", "Looks new after years of use.",
            ]),
        new(
            [
                new("Commuter Bike", 899, "Steel", "Aluminium", "Belt-Drive"),
                new("Bike Helmet", 79, "Ventilated", "Reflective", "Urban"),
                new("Pannier Bag", 95, "Waterproof", "Waxed Canvas", "Recycled"),
                new("Floor Pump", 49, "Steel", "Aluminium", "Digital"),
                new("Bike Light Set", 42, "Rechargeable", "Waterproof", "Dynamo"),
                new("Chain Lock", 59, "Hardened Steel", "Fabric-Sleeved", "Folding"),
                new("Saddle", 69, "Leather", "Gel", "Carbon-Railed"),
            ],
            [
                "Fits bikes of every common size.", "Made for every day and any weather.", "Mounts without tools.",
                "Runs for years without service.", "Reflects light from every side.", "Tested on cobbles.",
            ]),
        new(
            [
                new("Watering Can", 34, "Galvanised", "Copper", "Enamelled"),
                new("Pruning Shears", 39, "Forged", "Stainless Steel", "Bypass"),
                new("Planter 40 cm", 55, "Terracotta", "Corten", "Larch"),
                new("Garden Bench", 249, "Larch", "Acacia", "Teak"),
                new("Hose Reel 20 m", 89, "Galvanised", "Wall-Mounted", "Steel"),
                new("Bird Feeder", 27, "Larch", "Copper", "Glass"),
                new("Raised Bed", 119, "Larch", "Corten", "Galvanised"),
            ],
            [
                "Stays outside all winter.", "Gets more handsome with the weather.", "Untreated and safe for vegetables.",
                "Sized for balconies as well.", "Sturdy enough for generations.", "Designed with a market gardener.",
            ]),
    ];
}
