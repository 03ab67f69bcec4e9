/**
 * {@code quern stress}: a guest that rewrites its code for as long as one likes, and what the JVM
 * holds meanwhile. Start at {@link org.quern.cli.stress.Stress}.
 */
package org.quern.cli.stress;
