void clamp_values(float *x, int n, float low, float high) {
    for (int i = 0; i < n; i++) {
        if (x[i] < low) {
            x[i] = low;
        } else if (x[i] > high) {
            x[i] = high;
        }
    }
}
