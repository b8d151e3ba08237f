namespace Sluice.ItemApi.Orders;

/// <summary>What became of a message.</summary>
internal enum Publication
{
    /// <summary>The broker has it, on disk.</summary>
    Confirmed,

    /// <summary>It did not leave, or the broker refused it.</summary>
    NotSent,

    /// <summary>It may have arrived: no confirm came.</summary>
    Unknown,
}
