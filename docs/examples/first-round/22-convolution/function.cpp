void convolve(const float *signal, int n, const float *filter, int taps, float *out) {
    for (int i = 0; i < n; i++) {
        float sum = 0.0f;
        for (int k = 0; k < taps; k++) {
            int at = i + k - taps / 2;
            if (at >= 0 && at < n) {
                sum += signal[at] * filter[k];
            }
        }
        out[i] = sum;
    }
}
