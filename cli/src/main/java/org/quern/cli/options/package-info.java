/**
 * QEMU's command line: from words to one checked, immutable {@link
 * org.quern.cli.options.RunOptions}. Start at {@link org.quern.cli.options.OptionParser}. Nothing
 * here creates a machine or touches a file beyond looking whether it can be read.
 */
package org.quern.cli.options;
