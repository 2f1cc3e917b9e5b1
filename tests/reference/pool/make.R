# Makes the expected numbers of tests/pathway/pool from R's metafor: Rscript make.R, in this folder.
# Needs Debian's r-cran-metafor (3.8-1), r-cran-metadat and r-cran-clubsandwich (0.5.8-1). Writes data/*.csv and expected/*.csv.gz.
suppressMessages({library(metafor); library(clubSandwich)})
options(warn = -1)
dir.create("data", showWarnings = FALSE)
dir.create("expected", showWarnings = FALSE)

METHODS <- c("EE", "DL", "PM", "ML", "REML", "EB", "HS", "HE", "SJ")
TESTS <- c("z", "knha", "adhoc")

save <- function(d, name) write.csv(d, file.path("data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
gz <- function(d, name, digits) {
  for (n in names(d)) if (is.numeric(d[[n]])) d[[n]] <- sub("NA", "", formatC(d[[n]], digits = digits, format = "g"))
  for (n in names(d)) d[[n]] <- trimws(d[[n]])
  con <- gzfile(file.path("expected", paste0(name, ".csv.gz")), "wb", compression = 9)
  write.csv(d, con, row.names = FALSE, quote = FALSE)
  close(con)
}

# metafor's own stopping rules are loose: they are tightened until it says that it has not converged.
fit <- function(yi, vi, method, test, X = NULL) {
  for (threshold in c(1e-13, 1e-12, 1e-11, 1e-10, 1e-9)) {
    control <- list(tol = 1e-14, threshold = threshold * median(vi), maxiter = 2000, tau2.max = 100 * max(var(yi), vi, 1))
    args <- list(yi = yi, vi = vi, method = method, test = test, control = control)
    if (!is.null(X)) args$mods <- X
    one <- try(do.call(rma, args), silent = TRUE)
    if (!inherits(one, "try-error")) return(one)
  }
  NULL
}

qprofile <- function(one) {
  control <- list(tol = 1e-14, maxiter = 10000, tau2.max = 1e5 * max(1, one$tau2))
  ci <- try(confint(one, control = control)$random["tau^2", c("ci.lb", "ci.ub")], silent = TRUE)
  if (inherits(ci, "try-error")) c(NA, NA) else unname(ci)
}

row_of <- function(set, measure, yi, vi, method, test, profile = TRUE) {
  one <- fit(yi, vi, method, test)
  if (is.null(one)) return(data.frame(set, measure, method, test, k = length(yi), converged = 0, b = NA, se = NA,
    ci_low = NA, ci_high = NA, p = NA, pi_low = NA, pi_high = NA, tau2 = NA, se_tau2 = NA, i2 = NA, h2 = NA,
    q = NA, q_p = NA, tau2_low = NA, tau2_high = NA, ll = NA))
  pred <- predict(one)
  no <- function(x) if (is.null(x)) NA else x
  ci <- if (method == "EE" || !profile) c(NA, NA) else qprofile(one)
  data.frame(set, measure, method, test, k = one$k, converged = 1, b = c(one$beta), se = one$se, ci_low = one$ci.lb,
    ci_high = one$ci.ub, p = one$pval, pi_low = no(pred$pi.lb), pi_high = no(pred$pi.ub), tau2 = one$tau2,
    se_tau2 = no(one$se.tau2), i2 = one$I2, h2 = one$H2, q = one$QE, q_p = one$QEp, tau2_low = ci[1],
    tau2_high = ci[2], ll = one$fit.stats["ll", if (method == "REML") "REML" else "ML"])
}

# --- metafor's own data sets ---------------------------------------------------------------------------------------
counts <- function(d) data.frame(study = seq_len(nrow(d)), a = d$ai, n1 = d$n1i, c = d$ci, n2 = d$n2i)
b <- dat.bcg
SETS <- list(
  bcg = data.frame(study = seq_len(nrow(b)), a = b$tpos, n1 = b$tpos + b$tneg, c = b$cpos, n2 = b$cpos + b$cneg),
  nielweise2007 = counts(dat.nielweise2007), hine1989 = counts(dat.hine1989), egger2001 = counts(dat.egger2001),
  collins1985b = with(dat.collins1985b, data.frame(study = seq_along(id), a = pre.xti, n1 = pre.nti, c = pre.xci, n2 = pre.nci)))
means <- function(d) data.frame(study = seq_len(nrow(d)), n1 = d$n1i, m1 = d$m1i, sd1 = d$sd1i, n2 = d$n2i, m2 = d$m2i, sd2 = d$sd2i)
g <- dat.gibson2002
MEANS <- list(normand1999 = means(dat.normand1999), curtis1998 = means(dat.curtis1998),
  gibson2002 = means(g[!is.na(g$m1i) & !is.na(g$m2i) & !is.na(g$sd1i) & !is.na(g$sd2i), ]))
COR <- list(molloy2014 = with(dat.molloy2014, data.frame(study = seq_along(ri), r = ri, n = ni)),
  mcdaniel1994 = with(dat.mcdaniel1994, data.frame(study = seq_along(ri), r = ri, n = ni)))
GEN <- list(hackshaw1998 = dat.hackshaw1998, raudenbush1985 = dat.raudenbush1985, bangertdrowns2004 = dat.bangertdrowns2004)

effects <- list(); rows <- list()
add <- function(set, measure, es) {
  yi <- as.numeric(es$yi); vi <- as.numeric(es$vi)
  effects[[length(effects) + 1]] <<- data.frame(set, measure, study = seq_along(yi), yi, vi)
  ok <- !is.na(yi) & !is.na(vi)
  for (m in METHODS) for (t in TESTS) rows[[length(rows) + 1]] <<- row_of(set, measure, yi[ok], vi[ok], m, t)
}
for (s in names(SETS)) { d <- SETS[[s]]; save(d, s)
  for (m in c("RR", "OR", "RD")) add(s, m, escalc(m, ai = a, n1i = n1, ci = c, n2i = n2, data = d)) }
for (s in names(MEANS)) { d <- MEANS[[s]]; save(d, s)
  for (m in c("MD", "SMD", "ROM")) add(s, m, escalc(m, m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, n2i = n2, data = d)) }
for (s in names(COR)) { d <- COR[[s]]; save(d, s)
  for (m in c("COR", "ZCOR")) add(s, m, escalc(m, ri = r, ni = n, data = d)) }
for (s in names(GEN)) { d <- data.frame(study = seq_len(nrow(GEN[[s]])), yi = as.numeric(GEN[[s]]$yi), vi = GEN[[s]]$vi); 
  write.csv(format(d, digits = 15, trim = TRUE), file.path("data", paste0(s, ".csv")), row.names = FALSE, quote = FALSE)
  add(s, "GEN", d) }
gz(do.call(rbind, effects), "effects", 15)
gz(do.call(rbind, rows), "fits", 15)

# --- measures of one group measured twice, and other variances ------------------------------------------------------
twice <- data.frame(m1 = c(5.2, 3.1, 8.4, 2.25), sd1 = c(1.9, 1.2, 3.3, 0.8), m2 = c(4.1, 3.3, 6.0, 1.5),
  sd2 = c(2.1, 1.1, 2.9, 0.9), n = c(12, 25, 8, 40), r = c(0.5, 0.8, 0.1, 0.65))
save(twice, "twice")
out <- list()
for (m in c("MC", "SMCC", "SMCR", "ROMC")) { es <- escalc(m, m1i = m1, sd1i = sd1, m2i = m2, sd2i = sd2, ni = n, ri = r, data = twice)
  out[[m]] <- data.frame(measure = m, study = 1:4, yi = as.numeric(es$yi), vi = es$vi) }
gz(do.call(rbind, out), "twice", 15)
ub <- escalc("SMD", m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, n2i = n2, data = MEANS$normand1999, vtype = "UB")
gz(data.frame(yi = as.numeric(ub$yi), vi = ub$vi), "smd_ub", 15)

# --- moderators, influence, bias, more effects in a study -----------------------------------------------------------
bcg <- escalc("RR", ai = a, n1i = n1, ci = c, n2i = n2, data = SETS$bcg)
yi <- as.numeric(bcg$yi); vi <- bcg$vi
X <- cbind(ablat = dat.bcg$ablat, year = dat.bcg$year)
write.csv(data.frame(ablat = dat.bcg$ablat, year = dat.bcg$year, alloc = dat.bcg$alloc), "data/bcg_moderators.csv", row.names = FALSE, quote = FALSE)
out <- list()
for (m in METHODS) for (t in TESTS) { one <- fit(yi, vi, m, t, X)
  out[[length(out) + 1]] <- data.frame(method = m, test = t, term = 0:2, b = c(one$beta), se = one$se, ci_low = one$ci.lb, ci_high = one$ci.ub,
    p = one$pval, tau2 = one$tau2, i2 = one$I2, h2 = one$H2, qe = one$QE, qe_p = one$QEp, qm = one$QM, qm_p = one$QMp, r2 = if (is.null(one$R2)) NA else one$R2,
    ll = one$fit.stats["ll", if (m == "REML") "REML" else "ML"]) }
gz(do.call(rbind, out), "regression", 15)

control <- list(tol = 1e-14, threshold = 1e-13, maxiter = 5000)
out <- list()
for (t in c("z", "knha")) { one <- rma(yi, vi, method = "REML", test = t, control = control)
  inf <- influence(one)$inf; l1 <- leave1out(one); cu <- cumul(one)
  out[[t]] <- data.frame(test = t, study = 1:13, rstudent = inf$rstudent, dffits = inf$dffits, cook = inf$cook.d, cov_ratio = inf$cov.r,
    tau2_without = inf$tau2.del, q_without = inf$QE.del, hat = inf$hat, weight = inf$weight, loo_b = l1$estimate, loo_se = l1$se,
    loo_low = l1$ci.lb, loo_high = l1$ci.ub, cum_b = cu$estimate, cum_se = cu$se, cum_tau2 = cu$tau2) }
gz(do.call(rbind, out), "influence", 15)

out <- list()
for (s in c("bcg", "hackshaw1998", "raudenbush1985", "bangertdrowns2004", "egger2001", "normand1999")) {
  e <- do.call(rbind, effects); m <- if (s %in% names(SETS)) "RR" else if (s %in% names(MEANS)) "SMD" else "GEN"
  e <- e[e$set == s & e$measure == m, ]; y <- e$yi; v <- e$vi
  one <- rma(y, v, method = "REML", control = control)
  lm_ <- regtest(y, v, model = "lm"); mixed <- regtest(one); begg <- ranktest(y, v)
  for (est in c("L0", "R0")) { tf <- try(trimfill(one, estimator = est), silent = TRUE)
    if (inherits(tf, "try-error")) next
    out[[length(out) + 1]] <- data.frame(set = s, measure = m, estimator = est, egger_t = lm_$zval, egger_p = lm_$pval, egger_limit = lm_$est,
      mixed_z = mixed$zval, mixed_p = mixed$pval, mixed_limit = mixed$est, begg_tau = begg$tau, begg_p = begg$pval,
      k0 = tf$k0, side = tf$side, b = c(tf$beta), se = tf$se, tau2 = tf$tau2) } }
gz(do.call(rbind, out), "bias", 15)

LEVELS <- list(konstantopoulos2011 = data.frame(study = dat.konstantopoulos2011$district, yi = as.numeric(dat.konstantopoulos2011$yi), vi = dat.konstantopoulos2011$vi),
  assink2016 = data.frame(study = dat.assink2016$study, yi = as.numeric(dat.assink2016$yi), vi = dat.assink2016$vi))
out <- list()
for (s in names(LEVELS)) { d <- LEVELS[[s]]; d$effect <- seq_len(nrow(d))
  write.csv(format(d, digits = 15, trim = TRUE), file.path("data", paste0(s, ".csv")), row.names = FALSE, quote = FALSE)
  for (m in c("REML", "ML")) {
    for (tol in 10^-(14:8)) {
      one <- try(rma.mv(yi, vi, random = ~ 1 | study/effect, data = d, method = m, control = list(rel.tol = tol, iter.max = 5000)), silent = TRUE)
      if (!inherits(one, "try-error")) break
    }
    cr0 <- robust(one, cluster = d$study, adjust = FALSE); cr1 <- robust(one, cluster = d$study)
    cr2 <- conf_int(one, vcov = "CR2", cluster = d$study, p_values = TRUE)
    out[[length(out) + 1]] <- data.frame(set = s, method = m, b = c(one$beta), se = one$se, between = one$sigma2[1], within = one$sigma2[2],
      ll = one$fit.stats["ll", m], q = one$QE, cr0 = cr0$se, cr1 = cr1$se, cr1_low = cr1$ci.lb, cr1_high = cr1$ci.ub, cr1_p = cr1$pval,
      cr2 = cr2$SE, cr2_df = cr2$df, cr2_low = cr2$CI_L, cr2_high = cr2$CI_U, cr2_p = cr2$p_val) } }
gz(do.call(rbind, out), "levels", 15)

# --- 1,000 random data sets ------------------------------------------------------------------------------------------
set.seed(20261121, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
random <- list(); rows <- list()
for (i in 1:1000) {
  k <- sample(2:30, 1); scale <- 10^sample(-2:2, 1)
  vi <- signif(scale^2 * exp(runif(k, -4, 1)), 5)
  yi <- signif(rnorm(k, scale * rnorm(1), sqrt(vi + scale^2 * sample(c(0, 0.05, 0.5, 3), 1))), 5)
  random[[i]] <- data.frame(set = i, yi, vi)
  for (m in METHODS) { a <- row_of(i, "GEN", yi, vi, m, "z", m == "DL")
    kn <- row_of(i, "GEN", yi, vi, m, "knha", FALSE); ad <- row_of(i, "GEN", yi, vi, m, "adhoc", FALSE)
    rows[[length(rows) + 1]] <- data.frame(set = i, method = m, converged = a$converged, b = a$b, tau2 = a$tau2, i2 = a$i2, q = a$q, q_p = a$q_p,
      se_z = a$se, se_knha = kn$se, se_adhoc = ad$se, low_z = a$ci_low, low_knha = kn$ci_low, low_adhoc = ad$ci_low, pi_z = a$pi_low,
      pi_knha = kn$pi_low, p_knha = kn$p, tau2_low = a$tau2_low, tau2_high = a$tau2_high, ll = a$ll) }
}
gz(do.call(rbind, random), "random_data", 5)
d <- do.call(rbind, rows)
same <- d$method != "DL"  # Q does not depend on the method: kept once; so is the interval of tau2
d[same, c("q", "q_p")] <- NA
gz(d, "random_fits", 11)

# --- 300 data sets whose restricted likelihood often has several peaks ------------------------------------------------
set.seed(7, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
rows <- list()
for (i in 1:300) {
  k <- sample(3:8, 1)
  vi <- signif(exp(runif(k, -10, 2)), 5)
  yi <- signif(3 * rnorm(k, 0, sqrt(vi)), 5)
  one <- fit(yi, vi, "REML", "z")
  rows[[i]] <- data.frame(set = i, yi, vi, tau2 = if (is.null(one)) NA else one$tau2, ll = if (is.null(one)) NA else one$fit.stats["ll", "REML"])
}
gz(do.call(rbind, rows), "peaks", 12)

# --- quantiles and probabilities ------------------------------------------------------------------------------------
out <- list()
put <- function(f, x, a, b, v) out[[length(out) + 1]] <<- data.frame(f, x, a, b, v)
P <- c(1e-10, 0.001, 0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975, 0.999)
for (x in c(-30, -8, -2.5, -1, -0.1, 0, 0.1, 1, 2.5, 8)) put("pnorm", x, 0, 0, pnorm(x))
for (p in P) put("qnorm", p, 0, 0, qnorm(p))
for (df in c(1, 2, 3, 4, 7, 12.5, 29, 100, 1000, 99999)) {
  for (x in c(-20, -3, -1.5, -0.2, 0, 0.7, 2, 5)) put("pt", x, df, 0, pt(x, df))
  for (p in P) put("qt", p, df, 0, qt(p, df))
  for (s in c(0.05, 0.5, 0.9, 1, 1.1, 1.5, 3)) put("upper_chi2", s * df, df, 0, pchisq(s * df, df, lower.tail = FALSE))
  for (s in c(0.05, 0.5, 0.9, 1, 1.1, 1.5, 3)) put("lower_chi2", s * df, df, 0, pchisq(s * df, df))
  for (p in P) put("qchisq", p, df, 0, qchisq(p, df))
  for (d1 in c(1, 2, 5)) { for (x in c(0.01, 0.5, 1, 3, 20)) put("upper_f", x, d1, df, pf(x, d1, df, lower.tail = FALSE))
    for (p in c(0.025, 0.5, 0.95)) put("qf", p, d1, df, qf(p, d1, df)) }
}
gz(do.call(rbind, out), "distributions", 17)
writeLines(c(R.version.string, paste("metafor", packageVersion("metafor")), paste("metadat", packageVersion("metadat"))), "expected/made-with.txt")
