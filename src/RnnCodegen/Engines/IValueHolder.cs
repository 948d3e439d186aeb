namespace RnnCodegen;

/// <summary>Who has newer values of parameters, and of the optimizer's state, than the host has.</summary>
internal interface IValueHolder
{
    /// <summary>Gives all of them to their owners on the host, which have the newest again.</summary>
    void BringBack();
}
