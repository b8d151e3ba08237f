namespace Aspire.Hosting.Servers;

/// <summary>The last lines that a program wrote, to explain why it ended. Thread-safe.</summary>
internal sealed class LastLines(int capacity)
{
    private readonly Queue<string> lines = new(capacity);

    public void Add(string line)
    {
        lock (lines)
        {
            if (lines.Count == capacity)
                lines.Dequeue();
            lines.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (lines)
            return lines.Count == 0 ? "it said nothing" : string.Join(Environment.NewLine, lines);
    }
}
