void stencil_1d(const float *in, float *out, int n) {
    const float weight[5] = {1, -4, 6, -4, 1};
    for (int i = 0; i < n; i++) {
        float sum = 0.0f;
        for (int k = -2; k <= 2; k++) {
            if (i + k >= 0 && i + k < n) {
                sum += weight[k + 2] * in[i + k];
            }
        }
        out[i] = sum;
    }
}
