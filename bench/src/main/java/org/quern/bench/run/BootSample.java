package org.quern.bench.run;

/**
 * What one process measured of a boot.
 *
 * @param initMs from the start of the process to the first line of {@code /init}
 * @param endMs from the start of the process to its end, which is the guest's power-off
 * @param usage what the process used
 */
public record BootSample(double initMs, double endMs, Usage usage) {}
