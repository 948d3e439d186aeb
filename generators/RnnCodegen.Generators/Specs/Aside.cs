namespace RnnCodegen.Generators.Specs;

/// <summary>
/// A value that a spec carries and that does not matter to whether two specs
/// are equal: what depends on it is not made anew where it alone changed.
/// </summary>
internal readonly record struct Aside<T>(T Value)
{
    public bool Equals(Aside<T> other) => true;

    public override int GetHashCode() => 0;
}
