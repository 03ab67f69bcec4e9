package org.quern.cli.stress;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.function.ToLongFunction;

/**
 * What the JVM holds at a moment, in bytes and classes.
 *
 * @param codeCache compiled code of all kinds
 * @param metaspace descriptions of classes
 * @param heapAfterGc objects that survived the last collections
 * @param classes loaded now
 * @param unloaded classes unloaded so far
 */
record JvmSample(long codeCache, long metaspace, long heapAfterGc, long classes, long unloaded) {

  static JvmSample now() {
    ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
    return new JvmSample(
        sum(MemoryType.NON_HEAP, JvmSample::code),
        sum(MemoryType.NON_HEAP, p -> code(p) > 0 ? 0 : p.getUsage().getUsed()),
        sum(
            MemoryType.HEAP,
            p -> p.getCollectionUsage() == null ? 0 : p.getCollectionUsage().getUsed()),
        classes.getLoadedClassCount(),
        classes.getUnloadedClassCount());
  }

  /** After a full collection, so that what is dead does not count. */
  static JvmSample collected() {
    System.gc();
    return now();
  }

  /** "Code Cache" or, if it is in segments, "CodeHeap ..." each. */
  private static long code(MemoryPoolMXBean pool) {
    return pool.getName().startsWith("Code") ? pool.getUsage().getUsed() : 0;
  }

  private static long sum(MemoryType type, ToLongFunction<MemoryPoolMXBean> value) {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(p -> p.getType() == type)
        .mapToLong(value)
        .sum();
  }
}
