package jukvm.tests.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import jukvm.junit.KvmCondition;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips a test where there is no access to /dev/kvm, and fails it there if the environment variable
 * {@code JUKVM_REQUIRE} names kvm, so that a skip cannot pass for green.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KvmCondition.class)
public @interface RequiresKvm {}
