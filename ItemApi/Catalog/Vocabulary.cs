namespace Sluice.ItemApi.Catalog;

/// <summary>The words that items are made of. A change here is a new edition of <see cref="ItemRecipe"/>.</summary>
internal static class Vocabulary
{
    internal sealed record Department((string Noun, int TypicalPrice)[] Products, string[] Materials, string[] Features);

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
        "Two-year warranty.", "Spare parts are available for ten years.", "Ships flat-packed with all the tools it takes.",
        "Made in small batches.", "Packed without plastic.", "Returns are free within 30 days.", "Five-year warranty.",
    ];

    internal static readonly Department[] Departments =
    [
        new([("Kettle", 49), ("Frying Pan 28 cm", 55), ("Stockpot 8 l", 79), ("Coffee Grinder", 89), ("Pour-Over Set", 39), ("Cutting Board", 29),
                ("Knife Block", 95), ("Mixing Bowl Set", 35)],
            ["Stainless Steel", "Enamelled", "Copper", "Cast Iron", "Stoneware", "Walnut"],
            ["Heats evenly from edge to centre.", "The handle stays cool on the hob.", "Safe for the dishwasher.", "Works on induction, gas and ceramic.",
                "Pours without dripping.", "Nests with the rest of the series to save space."]),
        new([("Desk Lamp", 59), ("Floor Lamp", 129), ("Pendant Light", 99), ("Wall Sconce", 69), ("Reading Light", 34), ("Lantern", 45)],
            ["Brass", "Linen", "Opal Glass", "Oak", "Powder-Coated", "Rattan"],
            ["Dims smoothly down to one per cent.", "Warm white light at 2700 K without flicker.", "The arm holds any position.",
                "Takes a standard E27 bulb.", "A two-metre fabric cord is included.", "Casts a soft light without glare."]),
        new([("Standing Desk", 449), ("Office Chair", 289), ("Monitor Arm", 119), ("Filing Cabinet", 179), ("Desk Organiser", 25), ("Notebook A5", 14),
                ("Whiteboard", 85), ("Laptop Stand", 49)],
            ["Oak", "Bamboo", "Aluminium", "Felt", "Birch", "Recycled"],
            ["Goes together in ten minutes.", "Cables run out of sight.", "Adjusts to people from 150 to 200 cm.", "Rounded edges all round.",
                "The finish doesn't show fingerprints.", "Stands still on uneven floors."]),
        new([("Tent 2P", 329), ("Sleeping Bag", 159), ("Backpack 45 l", 139), ("Camping Stove", 69), ("Trekking Poles", 79), ("Headlamp", 39),
                ("Water Filter", 45), ("Dry Bag 20 l", 24)],
            ["Ripstop", "Ultralight", "Waxed Canvas", "Titanium", "Carbon", "Down"],
            ["Keeps dry in a day of steady rain.", "Packs down to the size of a bottle.", "Can be repaired in the field.", "Tested at minus ten degrees.",
                "Works with gloves on.", "Reflective seams are seen from far away."]),
        new([("Headphones", 199), ("Bookshelf Speakers", 349), ("Portable Speaker", 89), ("Turntable", 399), ("Soundbar", 249), ("Earbuds", 119)],
            ["Walnut", "Aluminium", "Wireless", "Closed-Back", "Studio", "Compact"],
            ["A clear middle and a bass that doesn't boom.", "Thirty hours on one charge.", "Pairs with two devices at once.", "Cushions can be replaced.",
                "Measured and matched by hand.", "Wakes up within a second."]),
        new([("Bath Towel", 29), ("Bath Mat", 25), ("Shower Curtain", 32), ("Soap Dispenser", 19), ("Laundry Basket", 45), ("Mirror 60 cm", 89)],
            ["Organic Cotton", "Linen", "Cork", "Ceramic", "Teak", "Waffle-Weave"],
            ["Dries in half the time.", "Gets softer with every wash.", "Doesn't slip on wet tiles.", "Certified to Oeko-Tex Standard 100.",
                "Wipes clean with a cloth.", "Colours hold at 60 degrees."]),
        new([("Commuter Bike", 899), ("Bike Helmet", 79), ("Pannier Bag", 95), ("Floor Pump", 49), ("Bike Light Set", 42), ("Chain Lock", 59),
                ("Saddle", 69)],
            ["Steel", "Aluminium", "Leather", "Waterproof", "Reflective", "Carbon"],
            ["Fits racks of every common width.", "Seen from 400 metres.", "Rolls for years without service.", "Opens with one hand.",
                "Holds against a bolt cutter for five minutes.", "Padded where it counts."]),
        new([("Watering Can", 34), ("Pruning Shears", 39), ("Planter 40 cm", 55), ("Garden Bench", 249), ("Hose Reel 20 m", 89), ("Bird Feeder", 27),
                ("Raised Bed", 119)],
            ["Galvanised", "Larch", "Terracotta", "Corten", "Acacia", "Forged"],
            ["Stays outside all winter.", "Cuts branches of up to 25 mm.", "Drains by itself after rain.", "Weathers to a silver grey.",
                "Balanced, so it feels light when full.", "Untreated and safe for vegetables."]),
    ];
}
