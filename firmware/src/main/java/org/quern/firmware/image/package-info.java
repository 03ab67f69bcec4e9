/**
 * Reading kernel images: what kind of file it is and what its headers say. Nothing here touches
 * guest memory. Start at {@link org.quern.firmware.image.KernelImage}.
 */
package org.quern.firmware.image;
