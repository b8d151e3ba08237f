namespace Sluice.Dashboard.Components.Parts;

/// <summary>What an efficiency is worth: above 90 % excellent, from 50 % fair, below poor.</summary>
internal static class EfficiencyGrade
{
    private const double Excellent = 0.9;
    private const double Fair = 0.5;

    /// <param name="efficiency">0 to 1.</param>
    public static (string Tone, string Word) Of(double efficiency) =>
        efficiency > Excellent ? ("good", "excellent") : efficiency >= Fair ? ("fair", "fair") : ("bad", "poor");
}
