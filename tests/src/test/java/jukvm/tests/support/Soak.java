package jukvm.tests.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test that finds the more the longer it runs. In the suite it is short; {@code -Psoak} runs all
 * such tests, long, and no other. How long or how often may be given to each by a property.
 */
@Tag("soak")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Soak {
    /** Whether this is {@code -Psoak}. */
    boolean LONG = Boolean.getBoolean("jukvm.soak");
}
