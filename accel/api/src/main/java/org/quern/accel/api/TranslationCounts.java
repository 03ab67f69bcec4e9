package org.quern.accel.api;

/**
 * What the translation of guest code has come to since the machine was created.
 *
 * @param compact regions translated in the small form that is soon compiled
 * @param fast regions translated in the form for what is really hot; again counts again
 * @param halved regions among both that had to be cut to fit HotSpot's limit for a method
 * @param interpreted attempts after which the code was left to the interpreter
 * @param nanoseconds spent translating, on whatever thread; without HotSpot's own compilation
 * @param bytecodeBytes bytecode of all regions
 * @param invalidated regions whose page was dropped because memory was written or remapped
 * @param misses how often a fast region was left because an access could not be made directly
 */
public record TranslationCounts(
    long compact,
    long fast,
    long halved,
    long interpreted,
    long nanoseconds,
    long bytecodeBytes,
    long invalidated,
    long misses) {}
