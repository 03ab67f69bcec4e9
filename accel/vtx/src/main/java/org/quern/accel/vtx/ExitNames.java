package org.quern.accel.vtx;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.quern.x86.vmx.ExitReason;

/** Names of basic exit reasons: those of the constants of {@link ExitReason}. */
public final class ExitNames {
  /** Exit reasons are below this. */
  static final int REASONS = 128;

  private static final String[] NAMES = new String[REASONS];

  static {
    try {
      for (Field f : ExitReason.class.getFields()) {
        if (Modifier.isStatic(f.getModifiers()) && f.getType() == int.class) {
          int reason = f.getInt(null);
          if (reason >= 0 && reason < REASONS) {
            NAMES[reason] = f.getName();
          }
        }
      }
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ExitNames() {}

  /** The name of a reason; its number if it has none. */
  public static String of(int reason) {
    String name = reason >= 0 && reason < REASONS ? NAMES[reason] : null;
    return name == null ? Integer.toString(reason) : name;
  }
}
